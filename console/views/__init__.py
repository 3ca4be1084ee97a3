"""The pages for people who look after a workspace, and the front door of the service."""
