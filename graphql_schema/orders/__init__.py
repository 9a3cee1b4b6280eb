"""Orders ahead through GraphQL: placed by members, moved on by the counter, followed by both."""
