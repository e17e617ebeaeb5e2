/* What WSPAccept shares with AcceptEx. */
#ifndef WSPREF_ACCEPT_H
#define WSPREF_ACCEPT_H

#include "endpoint.h"

/* With the lock held, as blocking_until wants it: takes the request at the head of the
 * queue. `context` is a struct request **, which gets it. */
int accept_take(struct endpoint *listener, void *context);

#endif
