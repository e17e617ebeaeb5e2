/* Descriptors: from a client's SOCKET to the endpoint behind it, safely also while
 * another thread closes it. The context that the client's table keeps for a descriptor
 * is slot and generation, so a context that has become stale finds nothing. */
#ifndef WSPREF_REGISTRY_H
#define WSPREF_REGISTRY_H

#include "endpoint.h"

/* Gets a descriptor for the endpoint from the client. Returns 0 or the code; then
 * nothing has changed. */
int registry_add(struct endpoint *endpoint, SOCKET *s);
/* Retires a descriptor within the provider: nobody finds it any more. *last tells
 * whether it was the endpoint's only one. The endpoint comes with a reference. Returns
 * 0 or WSAENOTSOCK. */
int registry_remove(SOCKET s, struct endpoint **endpoint, bool *last);
/* Gives a retired descriptor back to the client. */
void registry_give_back(SOCKET s);

/* The endpoint of a descriptor with a reference of its own, or NULL. */
struct endpoint *registry_find(SOCKET s);
/* The endpoint to which the lower layer's message belongs, referenced, or NULL. */
struct endpoint *registry_find_lower(SOCKET lower, UINT message);

/* A reference that counts as a descriptor, for one that is still to be opened. */
void registry_hold(struct endpoint *endpoint);
/* Ends it; true if there is no descriptor any more. The reference becomes the
 * caller's. */
bool registry_unhold(struct endpoint *endpoint);

/* One more reference, for who has one already. */
void registry_refer(struct endpoint *endpoint);
/* The same for who has none, but knows the memory to be in place; false if it is being
 * destroyed. */
bool registry_try_refer(struct endpoint *endpoint);
void registry_release(struct endpoint *endpoint);
/* Waits until the caller's reference is the only one, but no longer than `limit` ms;
 * `event` is the caller's, for the time of the call. */
void registry_drain(struct endpoint *endpoint, HANDLE event, DWORD limit);

/* Makes the endpoint findable by its lower socket, and gives it a message. */
void registry_watch_lower(struct endpoint *endpoint);

/* Gives it another lower socket; the former is the caller's. */
SOCKET registry_replace_lower(struct endpoint *endpoint, SOCKET lower);

/* Any endpoint that has a descriptor, with one of its descriptors and referenced; NULL
 * if there is none. */
struct endpoint *registry_any(SOCKET *s);

/* For DllMain and WSPCleanup. */
void registry_initialize(void);
void registry_delete(void);
void registry_clear(void);

#endif
