/* What a case sets on the host's side. */
#ifndef WSPCHECK_HOST_SIDE_H
#define WSPCHECK_HOST_SIDE_H

/* The profile claims that the provider offers the fault extension. */
void claim_fault_extension(void);

/* Resets the blocking callback and the fault. */
void host_side_reset(void);

#endif
