"""Who may ask for what stands beside a conversation: members with a desk."""

from accounts.access import AGENTS
from accounts.gate import for_roles

for_agents = for_roles(AGENTS)
