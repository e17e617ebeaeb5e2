/* The running case, for the parts of the harness. */
#ifndef WSPCHECK_RUNNING_H
#define WSPCHECK_RUNNING_H

#include "entry.h"
#include "registry.h"
#include "spi_case.h"
#include "text.h"

/* How long something that must happen may take, in milliseconds. */
#define DEFAULT_WAIT_MS 5000

struct spi_private {
    const struct case_row *running;
    struct entry *entry;
};

/* The most that `rounds` gives; 0: no limit. */
void rounds_limit(int most);

/* Ends the case as `blocked` from within the harness: the location is the case's. */
void blocked(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/* The calling thread runs something that `blocked` may end: `place` is where it goes
 * then. NULL: on this thread the running CUnit test is ended. */
void blocked_goes_to(void *place);

#endif
