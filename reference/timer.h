/* One timer for each endpoint whose engine wants it, by the service thread. */
#ifndef WSPREF_TIMER_H
#define WSPREF_TIMER_H

#include "endpoint.h"

/* How exact timers are. */
#define TIMER_INTERVAL_MS 100

/* With the endpoint's lock held, or nobody else referring to it: in `limit` ms the
 * engine's `expired` is called, once; 0: not any more. */
void timer_set(struct endpoint *endpoint, DWORD limit);

/* For the service thread: calls what is due; false if no timer is left. */
bool timer_tick(void);

/* For DllMain. */
void timer_initialize(void);
void timer_delete(void);

#endif
