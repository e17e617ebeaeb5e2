"""A model of a socket's life, written from the requirements, that drives a provider by
random sequences of calls and says where it does something else."""
