/* What contains a provider that crashes or hangs: the open case is charged with it and
 * the process ends at once. */
#ifndef WSPCHECK_GUARD_H
#define WSPCHECK_GUARD_H

#include "entry.h"
#include "registry.h"

/* Exit codes of the process. */
enum {
    EXIT_ALL_PASSED = 0,
    EXIT_DEVIATIONS = 1,
    EXIT_FATAL = 2,
    EXIT_ENDED_BY_CASE = 4
};

/* Starts the watchdog and takes over unhandled exceptions. */
void guard_start(void);

/* Something is begun that must end within `limit_ms`: a case; or, with NULL, a step of
 * the process as a whole. */
void guard_open(const struct entry *entry,
                const struct case_row *row,
                unsigned limit_ms);
/* It has ended; gives its duration in milliseconds. */
double guard_close(void);

/* The calling thread will run code of the provider: it can report a stack overflow, and
 * that the thread or the process is ended under our hands. */
void guard_thread(void);
/* It ends, as it should. */
void guard_thread_ends(void);

/* Ends the process now; DllMain of the provider is not called. */
void guard_end_process(unsigned code) __attribute__((noreturn));

#endif
