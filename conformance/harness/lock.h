/* A lock that a thread which went wrong may hold for ever. */
#ifndef WSPCHECK_LOCK_H
#define WSPCHECK_LOCK_H

#include <stdbool.h>

#include "win.h"

/* How long one is waited for, in milliseconds: none is ever held for so long. */
#define LOCK_PATIENCE_MS 500

/* false: it could not be had. What it protects is read or written all the same then,
 * since the alternative is no report at all, and must not be released. */
static inline bool lock_acquire(SRWLOCK *lock)
{
    for (int ms = 0; !TryAcquireSRWLockExclusive(lock); ++ms) {
        if (ms == LOCK_PATIENCE_MS)
            return false;
        Sleep(1);
    }
    return true;
}

static inline void lock_release(SRWLOCK *lock, bool held)
{
    if (held)
        ReleaseSRWLockExclusive(lock);
}

#endif
