/* Guarded and inaccessible memory of the running case. */
#ifndef WSPCHECK_MEMORY_H
#define WSPCHECK_MEMORY_H

#include <stdbool.h>

/* Each buffer in front of which somebody has written becomes a finding. */
void memory_check(void);

/* `pending` true: an operation may still write there, so all is kept. */
void memory_release(bool pending);

#endif
