/* The WSATHREADID that goes with each call. */
#ifndef WSPCHECK_THREAD_ID_H
#define WSPCHECK_THREAD_ID_H

#include "win.h"

/* Of the calling thread; lives as long as the thread, if that ends by
 * thread_id_release. */
WSATHREADID *thread_id_own(void);
void thread_id_release(void);

#endif
