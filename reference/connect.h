/* What WSPConnect shares with ConnectEx. */
#ifndef WSPREF_CONNECT_H
#define WSPREF_CONNECT_H

#include "endpoint.h"

/* With the lock held: begins to connect to a checked address of a connection-oriented
 * endpoint, with checked connect data or NULL. 0, WSAEWOULDBLOCK, or why not. */
int connect_begin(struct endpoint *endpoint,
                  const struct sockaddr *name,
                  int length,
                  const WSABUF *caller,
                  WSABUF *callee);
/* With the lock held: what became of the attempt; WSAEWOULDBLOCK while it lasts. As
 * blocking_until wants it. */
int connect_outcome(struct endpoint *endpoint, void *context);

#endif
