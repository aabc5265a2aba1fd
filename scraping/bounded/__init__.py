"""Reading a page within bounds of CPU and memory: under a stopwatch here, or in the helper process."""
