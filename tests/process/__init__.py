"""The server, the worker and the commands as processes of their own: starts, stops and kills."""
