"""The inbox through GraphQL: messages read, put away and followed."""
