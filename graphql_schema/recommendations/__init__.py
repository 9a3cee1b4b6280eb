"""Recommendations through GraphQL: SKUs with the reasons why they are shown."""
