/* Network events: what the client asked for with WSPEventSelect or WSPAsyncSelect, and
 * telling it once for each time it was enabled. All functions want the endpoint's lock
 * held. */
#ifndef WSPREF_EVENTS_H
#define WSPREF_EVENTS_H

#include "endpoint.h"

/* The FD_ bits that the client would be told if they came now. */
long events_wanted(const struct endpoint *endpoint);
/* The lower layer announced an event: tells the client if it wants to know. */
void events_happened(struct endpoint *endpoint, long event, int error);
/* A connection attempt ended, with endpoint->connect_error. */
void events_connected(struct endpoint *endpoint);
/* The client called a function that re-enables these events. */
void events_enable(struct endpoint *endpoint, long mask);
/* A new registration; a mask of 0 ends it. */
void events_register(struct endpoint *endpoint,
                     const struct registration *registration);

#endif
