"""What keeps runs moving and the house clean: sweeper, watch, and the jobs of the service itself."""
