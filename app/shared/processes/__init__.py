"""Work within a process and among several: tasks, children, and who of all of them does what."""
