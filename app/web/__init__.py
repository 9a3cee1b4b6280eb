"""The pages we serve, the routes beside GraphQL, and what every answer gets."""
