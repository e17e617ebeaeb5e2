/* Blocking calls: waiting on the calling thread until an endpoint is ready, with the
 * client's blocking callback if it has one, and cancellable. */
#ifndef WSPREF_BLOCKING_H
#define WSPREF_BLOCKING_H

#include "endpoint.h"
#include "thread.h"

struct blocking {
    struct thread *thread;
    DWORD catalogue_id; /* for WPUQueryBlockingCallback */
    DWORD started;      /* GetTickCount at the beginning */
    DWORD limit;        /* in ms from then on, or INFINITE */
    bool asked;         /* for the callback: */
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
};

/* The calling thread begins a call that may block. Its waiters' event is
 * blocking->thread->wake. Returns 0 or WSAENOBUFS. */
int blocking_begin(struct blocking *blocking,
                   const WSAPROTOCOL_INFOW *entry,
                   DWORD limit);
void blocking_end(struct blocking *blocking);

/* Waits until the thread is woken or `done` (may be NULL) is signalled: 0; or gives up:
 * WSAETIMEDOUT, WSAEINTR when the client cancelled the call. */
int blocking_wait(struct blocking *blocking, HANDLE done);

/* Tries `attempt`, with the endpoint's lock held, each time when one of `mask` may have
 * come, as long as it gives WSAEWOULDBLOCK. Returns its result, or why the wait ended:
 * WSAEINTR, WSAETIMEDOUT, the code of endpoint_end_waits. */
int blocking_until(struct endpoint *endpoint,
                   long mask,
                   DWORD limit,
                   int (*attempt)(struct endpoint *endpoint, void *context),
                   void *context);

/* Tries `attempt` as blocking_until does, to receive from an engine: what it waits for
 * is read by the calling thread itself, if none does already. */
int blocking_read(struct endpoint *endpoint,
                  DWORD limit,
                  int (*attempt)(struct endpoint *endpoint, void *context),
                  void *context);

/* Sends or receives, blocking, by one request to the lower layer. `mask` is what it
 * waits for, `may` whether it may begin. */
int blocking_transfer(struct endpoint *endpoint,
                      struct transfer *transfer,
                      int (*request)(struct endpoint *endpoint,
                                     struct transfer *transfer,
                                     WSAOVERLAPPED *done),
                      int (*may)(struct endpoint *endpoint),
                      long mask,
                      DWORD limit);

#endif
