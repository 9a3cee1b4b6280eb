"""What an installation is told from outside: the settings, how they are read, and what they stand for."""
