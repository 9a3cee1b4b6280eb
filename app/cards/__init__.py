"""Member cards: the rotating card code, its pictures' numbers, and its verification, which uses it up."""
