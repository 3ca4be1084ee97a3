"""What an agent gets beside a conversation. Models run in the `answers` queue alone."""
