/* Events, windows and overlapped structures of the running case. */
#ifndef WSPCHECK_KERNEL_OBJECT_H
#define WSPCHECK_KERNEL_OBJECT_H

#include <stdbool.h>

/* Releases what the case was given. `pending` true: an operation may still signal an
 * event, so events are kept. */
void kernel_objects_release(bool pending);

#endif
