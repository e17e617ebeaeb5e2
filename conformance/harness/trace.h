/* What happened in the running case: calls of the provider, its upcalls, the peers'
 * deeds, as lines of text. Only the last TRACE_LINES are kept. All functions are
 * callable from any thread. */
#ifndef WSPCHECK_TRACE_H
#define WSPCHECK_TRACE_H

#include <stdbool.h>

#include "text.h"
#include "win.h"

#define TRACE_LINES 200
#define TRACE_LINE_SIZE 320

/* One SPI call while it lasts; lives on the stack of its caller. */
struct call {
    const char *function;
    char arguments[TRACE_LINE_SIZE / 2];
    DWORD thread;
    unsigned depth;     /* calls and callbacks on this thread around this one */
    unsigned long line; /* its line in the trace */
    LARGE_INTEGER start;
    struct call *outer;   /* on the same thread */
    struct call *next;    /* all calls in progress */
    struct call **anchor; /* what points to this one */
};

void call_begin(struct call *call, const char *function, const char *arguments, ...)
    PRINTF_LIKE(3, 4);
/* Completes the call's line with its result; gives the duration in milliseconds. */
double call_end(struct call *call, const char *result, ...) PRINTF_LIKE(2, 3);

/* A line of its own, indented below the call in progress on this thread. */
void trace_line(const char *format, ...) PRINTF_LIKE(1, 2);

/* Forgets all lines: a new case begins on this thread. */
void trace_reset(void);
/* The calling thread is about to leave its calls by longjmp. */
void trace_unwind(void);
/* What lines of the calling thread start with; "" for the case's own thread. Lines of
 * threads that have no name are said to be of the provider. Not copied. */
void trace_name_thread(const char *name);

/* Whether this thread's name is still known: a provider may have freed storage that is
 * not its own. */
bool trace_is_whole(void);

/* Calls back for each kept line, oldest first. */
void trace_each(void (*take)(void *context, const char *line), void *context);

/* Describes the innermost call in progress on this thread: "WSPRecv(s=0x204, ...)" and
 * for how long; false if there is none. */
bool call_in_progress(DWORD thread, struct text *out);
/* The same for the calls of all threads, one after the other. */
bool calls_in_progress(struct text *out);
/* Number that changes with every call that this thread begins or ends; 0 if it is in
 * none. */
unsigned long call_serial(DWORD thread);

#endif
