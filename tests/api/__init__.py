"""The API through GraphQL, over ASGI and over a real socket."""
