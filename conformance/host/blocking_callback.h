/* What WPUQueryBlockingCallback gives, thread by thread. */
#ifndef WSPCHECK_BLOCKING_CALLBACK_H
#define WSPCHECK_BLOCKING_CALLBACK_H

#include <stdbool.h>

#include "win.h"

/* For the calling thread; `callback` NULL: none. */
void blocking_callback_set(BOOL (*callback)(void *context), void *context);

/* For the calling thread, in the form of the upcall. Counts the query. */
void blocking_callback_get(LPBLOCKINGCALLBACK *callback, DWORD_PTR *context);

/* While the harness itself waits by a call of the provider, this thread has none, and
 * queries are not counted. */
void blocking_callback_suspend(bool suspended);

/* Queries and calls of any thread since the last reset. */
unsigned blocking_callback_query_count(void);
unsigned blocking_callback_call_count(void);
/* Whether there ever was a query in this process. */
bool blocking_callback_ever_asked(void);

/* No thread has a callback, all counts are 0. */
void blocking_callback_reset(void);

#endif
