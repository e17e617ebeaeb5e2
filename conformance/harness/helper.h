/* Helper threads of the running case. */
#ifndef WSPCHECK_HELPER_H
#define WSPCHECK_HELPER_H

#include <stdbool.h>

/* Each helper that has not ended becomes a finding. Before the case's sockets are
 * closed, which would end some. */
void helpers_check(void);

/* Waits until all have ended and releases them; false: one has not, within
 * DEFAULT_WAIT_MS, although all sockets are closed. */
bool helpers_join(void);

#endif
