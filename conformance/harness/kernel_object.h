/* Events, windows and overlapped structures of the running case. */
#ifndef WSPCHECK_KERNEL_OBJECT_H
#define WSPCHECK_KERNEL_OBJECT_H

#include <stdbool.h>

/* Makes sure that windows can be made. Wine 8.0 starts its desktop with the first
 * window of a session, and of several processes that come at that time some are
 * refused. */
void windows_prepare(void);

/* Releases what the case was given. `pending` true: an operation may still signal an
 * event, so events are kept. */
void kernel_objects_release(bool pending);

#endif
