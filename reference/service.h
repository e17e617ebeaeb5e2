/* The service thread: it hears from the lower layer which sockets became ready, and
 * drives what waits for them: operations, network events, blocked threads. It has a
 * message-only window, because messages name their socket and so cost the same however
 * many sockets there are; waits for handles end at 64. */
#ifndef WSPREF_SERVICE_H
#define WSPREF_SERVICE_H

#include "endpoint.h"

/* Messages of the window by which the lower layer announces events; each endpoint has
 * one of them, so that a late message of a closed socket is told from those of the new
 * one that got its handle. */
#define SERVICE_FIRST_MESSAGE WM_APP
#define SERVICE_MESSAGES 0x3F00

/* With the endpoint's lock held: asks the lower layer to announce what something waits
 * for now, as far as it has not been asked. What holds already is announced at once.
 * An endpoint with an engine asks for what that needs. Returns 0 or WSAENOBUFS. */
int service_update(struct endpoint *endpoint);

/* The event of an endpoint's timer, beside the FD_ bits. */
#define TIMER_EVENT (1l << 20)

/* For timer.c: an event of an endpoint that the caller refers to. */
void service_handle(struct endpoint *endpoint, long event, int error);

/* Has the service thread look at the endpoint, as if the lower layer had announced
 * `event`. */
void service_announce(const struct endpoint *endpoint, long event);

/* With the endpoint's lock held: `event` need not be announced to an engine any more,
 * unless somebody waits for it or for the end of the connection. */
void service_relax(struct endpoint *endpoint, long event);

/* Nothing shall be announced for this lower socket. */
void service_silence(SOCKET lower_socket);

/* The service thread calls timer_tick from time to time from now on. */
void service_tick(void);

/* Ends the thread, if there is one. */
void service_stop(void);

/* For DllMain. */
void service_initialize(void);
void service_delete(void);

#endif
