"""Stock, its holds, and where it can be had."""
