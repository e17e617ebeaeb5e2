/* The network subsystem's failure, as the fault extension commands it. */
#ifndef WSPREF_FAULT_H
#define WSPREF_FAULT_H

#include "../fixtures/include/wspcheck_fault.h"

#include <stdbool.h>

/* RD-5: every function that documents WSAENETDOWN asks this first. */
bool network_is_down(void);

/* What the client gets for WSPCHECK_FAULT_GUID. */
extern const struct wspcheck_fault fault_extension;

#endif
