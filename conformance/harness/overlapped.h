/* Overlapped operations of the running case: which of them are pending. */
#ifndef WSPCHECK_OVERLAPPED_H
#define WSPCHECK_OVERLAPPED_H

#include "spi_case.h"

/* An operation is about to be started; gives the routine to hand to the provider, which
 * notes the completion and calls `routine`. NULL if `routine` is. */
LPWSAOVERLAPPED_COMPLETION_ROUTINE
overlapped_starts(const char *function,
                  SOCKET s,
                  WSAOVERLAPPED *overlapped,
                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/* What the start gave: pending or not. */
void overlapped_started(WSAOVERLAPPED *overlapped, const struct outcome *outcome);

/* WSPGetOverlappedResult told that it is complete. */
void overlapped_completed(const WSAOVERLAPPED *overlapped);

/* Waits alertably, at most DEFAULT_WAIT_MS, until none is pending; each that still is
 * becomes a finding. Gives whether all have completed: if not, their memory must not be
 * released. */
bool overlapped_all_complete(void);

void overlapped_reset(void);

#endif
