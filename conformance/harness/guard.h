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

/* Starts the watchdog and takes over unhandled exceptions. The process must not take
 * more than so many bytes of memory; 0: as much as it likes. */
void guard_start(size_t memory_limit);

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

/* What a provider may have done to all that, and is undone by asking: */

/* Whether the watchdog was suspended. */
bool guard_was_suspended(void);
/* Whether unhandled exceptions went to somebody else since the last time. */
bool guard_takes_over(void);

/* The first fault in this range of addresses since it was set, which somebody may have
 * handled; false if there was none. Windows' loader handles those of DllMain. */
void guard_note_faults(const void *from, size_t size);
bool guard_noted_fault(struct text *out);

/* Ends the process now; DllMain of the provider is not called. */
void guard_end_process(unsigned code) __attribute__((noreturn));

#endif
