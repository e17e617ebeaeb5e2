/* The called side. A TCP connection that comes in becomes an endpoint without
 * descriptor, a caller, which the listener keeps in a list; its CR makes it a request
 * for WSPAccept. */
#include "isotp.h"
#include "lower.h"
#include "memory.h"
#include "registry.h"
#include "service.h"
#include "timer.h"

/* Callers that say nothing cost memory and a socket each. When there are so many, the
 * oldest goes, so that they cannot keep out those who do say something. */
#define HALF_OPEN_MAX 1024
/* Rounds of WSPAccept below in a row, so that others have their turn. */
#define TURN 64
/* How long until another try when WSPAccept below fails, as for want of memory. */
#define RETRY_MS 1000

/* --- The list -------------------------------------------------------------------- */

/* With isotp_lock held. */
static void append(struct endpoint *listener, struct endpoint *caller)
{
    struct isotp_listener *list = &isotp_of(listener)->listener;

    if (list->last)
        isotp_of(list->last)->next_caller = caller;
    else
        list->first = caller;
    list->last = caller;
    list->half_open++;
    isotp_of(caller)->called_at = listener;
}

/* With isotp_lock held: the list's reference becomes the function's caller's. */
static void take_off(struct endpoint *caller)
{
    struct isotp *isotp = isotp_of(caller);
    struct isotp_listener *list = &isotp_of(isotp->called_at)->listener;
    struct endpoint *before = NULL;
    struct endpoint *at = list->first;

    while (at != caller) {
        before = at;
        at = isotp_of(at)->next_caller;
    }
    if (before)
        isotp_of(before)->next_caller = isotp->next_caller;
    else
        list->first = isotp->next_caller;
    if (list->last == caller)
        list->last = before;
    isotp->next_caller = NULL;
    isotp->called_at = NULL;
    if (isotp->has_called)
        list->called--;
    else
        list->half_open--;
}

/* The oldest that has called or, if `called` is false, that has not; it is off the list
 * and its reference the function's caller's. NULL: there is none. */
static struct endpoint *take_oldest(struct endpoint *listener, bool called)
{
    struct endpoint *caller;

    EnterCriticalSection(&isotp_lock);
    caller = isotp_of(listener)->listener.first;
    while (caller && isotp_of(caller)->has_called != called)
        caller = isotp_of(caller)->next_caller;
    if (caller)
        take_off(caller);
    LeaveCriticalSection(&isotp_lock);
    return caller;
}

void isotp_forget_caller(struct endpoint *caller)
{
    bool listed;

    EnterCriticalSection(&isotp_lock);
    listed = isotp_of(caller)->called_at != NULL;
    if (listed)
        take_off(caller);
    LeaveCriticalSection(&isotp_lock);
    if (listed)
        registry_release(caller); /* whoever drives it has another one */
}

/* Ends a caller that is off the list, with its reference. */
static void drop(struct endpoint *caller)
{
    EnterCriticalSection(&caller->lock);
    isotp_close(caller, true);
    LeaveCriticalSection(&caller->lock);
    registry_release(caller);
}

/* --- Callers come ---------------------------------------------------------------- */

static void add_caller(struct endpoint *listener, SOCKET s)
{
    struct endpoint *caller = endpoint_create(listener->entry, s);
    bool too_many;

    if (!caller)
        return;
    registry_refer(caller); /* for here; the other one is the list's */
    EnterCriticalSection(&caller->lock);
    isotp_of(caller)->local = isotp_of(listener)->local;
    EnterCriticalSection(&isotp_lock);
    append(listener, caller);
    too_many = isotp_of(listener)->listener.half_open > HALF_OPEN_MAX;
    LeaveCriticalSection(&isotp_lock);
    service_update(caller);
    isotp_drive(caller);
    LeaveCriticalSection(&caller->lock);
    registry_release(caller);
    if (too_many) {
        caller = take_oldest(listener, false);
        if (caller)
            drop(caller);
    }
}

/* The lower layer announces again only after it has given a caller, or when it is asked
 * anew. An announcement can be late, of a caller taken before it came; asking anew is
 * all that is left then. */
static void announce_again(struct endpoint *listener)
{
    listener->armed &= ~FD_ACCEPT;
    service_update(listener);
}

static bool is_gone(int error)
{
    return error == WSAECONNRESET || error == WSAECONNABORTED;
}

void isotp_take_callers(struct endpoint *listener, long event)
{
    bool taken = false;

    for (int i = 0; i < TURN; i++) {
        int error;
        SOCKET s = lower.lpWSPAccept(listener->lower, NULL, NULL, NULL, 0, &error);

        if (s != INVALID_SOCKET) {
            taken = true;
            if (listener->asked) /* it has inherited announcements under another name */
                service_silence(s);
            add_caller(listener, s);
        } else if (!is_gone(error)) {
            if (error != WSAEWOULDBLOCK)
                timer_set(listener, RETRY_MS);
            else if (event == FD_ACCEPT && !taken)
                announce_again(listener);
            return;
        }
    }
    service_announce(listener, event);
}

static bool is_called(const struct tp_address *own, struct octets selector)
{
    return own->selector_length == 0 ||
           octets_equal(octets_of(own->selector, own->selector_length), selector);
}

/* Why a caller is refused at once, a reason for the DR; 0: it is not. With isotp_lock
 * held. */
static uint8_t why_not(const struct endpoint *listener, struct octets called)
{
    const struct isotp *isotp = isotp_of(listener);

    if (!is_called(&isotp->local, called))
        return TPDU_REASON_ADDRESS;
    return isotp->listener.called >= isotp->listener.backlog ? TPDU_REASON_CONGESTION
                                                             : 0;
}

/* A caller that nobody has taken yet says its farewell by itself. */
static void turn_away(struct endpoint *caller, uint8_t reason)
{
    circuit_disconnect(&isotp_of(caller)->circuit, reason, octets_of(NULL, 0));
    isotp_close(caller, false);
    isotp_forget_caller(caller);
}

void isotp_called(struct endpoint *caller, const struct circuit_event *event)
{
    struct isotp *isotp = isotp_of(caller);
    struct endpoint *listener;
    uint8_t reason = TPDU_REASON_NOT_ATTACHED;

    octets_copy(isotp->connect_data, event->data);
    isotp->connect_length = event->data.length;
    octets_copy(isotp->peer.selector, event->calling);
    isotp->peer.selector_length = event->calling.length;
    EnterCriticalSection(&isotp_lock);
    listener = isotp->called_at;
    if (listener)
        reason = why_not(listener, event->called);
    if (!reason) {
        isotp->has_called = true;
        isotp_of(listener)->listener.half_open--;
        isotp_of(listener)->listener.called++;
        service_announce(listener, 0);
    }
    LeaveCriticalSection(&isotp_lock);
    if (reason)
        turn_away(caller, reason);
}

void isotp_drop_callers(struct endpoint *listener)
{
    for (int called = 0; called < 2; called++) {
        struct endpoint *caller = take_oldest(listener, called);

        for (; caller; caller = take_oldest(listener, called))
            drop(caller);
    }
}

/* --- The listener ---------------------------------------------------------------- */

/* The backlog counts requests. TCP's own queue is as long as can be: what waits there
 * cannot be told apart yet, and callers that say nothing must not fill it. */
int isotp_listen(struct endpoint *listener, int backlog)
{
    struct isotp *isotp = isotp_of(listener);
    int error;

    if (lower.lpWSPListen(listener->lower, SOMAXCONN, &error))
        return error;
    isotp->listener.backlog = backlog > 0 ? (unsigned)backlog : 1;
    if (isotp->listener.backlog > HALF_OPEN_MAX)
        isotp->listener.backlog = HALF_OPEN_MAX;
    return 0;
}

void isotp_find_callee(struct request *request)
{
    struct endpoint *caller = request->endpoint;

    EnterCriticalSection(&caller->lock);
    request->callee_length = sizeof request->callee;
    if (isotp_local_name(
            caller, (struct sockaddr *)&request->callee, &request->callee_length))
        request->callee_length = 0;
    LeaveCriticalSection(&caller->lock);
}

/* What the request's client is to know of the caller. */
static void describe(struct endpoint *caller, struct request *request)
{
    const struct isotp *isotp = isotp_of(caller);

    EnterCriticalSection(&caller->lock);
    request->lower = INVALID_SOCKET;
    request->endpoint = caller;
    request->caller_length = sizeof request->caller;
    isotp_peer_name(
        caller, (struct sockaddr *)&request->caller, &request->caller_length);
    request->caller_data_length = (ULONG)isotp->connect_length;
    memcpy(request->caller_data, isotp->connect_data, isotp->connect_length);
    request->callee_data_length = sizeof request->callee_data;
    LeaveCriticalSection(&caller->lock);
}

int isotp_accept(struct endpoint *listener, struct request *request)
{
    struct endpoint *caller = take_oldest(listener, true);

    if (!caller) {
        isotp_take_callers(listener, 0);
        caller = take_oldest(listener, true);
    }
    if (!caller)
        return WSAEWOULDBLOCK;
    describe(caller, request);
    return 0;
}

int isotp_admit(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;
    int error = 0;

    EnterCriticalSection(&endpoint->lock);
    if (circuit_accept(&isotp_of(endpoint)->circuit,
                       octets_of(request->callee_data, request->callee_data_length)) !=
        CIRCUIT_OK)
        error = WSAECONNRESET; /* the caller is gone again */
    if (error)
        isotp_close(endpoint, true);
    else
        isotp_drive(endpoint);
    LeaveCriticalSection(&endpoint->lock);
    return error;
}

void isotp_refuse(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;

    EnterCriticalSection(&endpoint->lock);
    circuit_disconnect(
        &isotp_of(endpoint)->circuit, TPDU_REASON_NORMAL, octets_of(NULL, 0));
    isotp_close(endpoint, false);
    LeaveCriticalSection(&endpoint->lock);
}
