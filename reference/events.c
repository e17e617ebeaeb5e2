#include "events.h"

#include "error.h"
#include "lower.h"
#include "memory.h"
#include "service.h"
#include "spi.h"
#include "startup.h"

static const struct {
    long mask;
    int bit;
} bits[] = {
    {FD_READ, FD_READ_BIT},
    {FD_WRITE, FD_WRITE_BIT},
    {FD_OOB, FD_OOB_BIT},
    {FD_ACCEPT, FD_ACCEPT_BIT},
    {FD_CONNECT, FD_CONNECT_BIT},
    {FD_CLOSE, FD_CLOSE_BIT},
};

#define BITS (sizeof bits / sizeof bits[0])

long events_wanted(const struct endpoint *endpoint)
{
    const struct registration *registration = &endpoint->registration;
    long mask = registration->mask & ~registration->reported;

    if (endpoint->reception_ended) /* nothing can be received any more */
        mask &= ~(FD_READ | FD_OOB);
    return mask;
}

static void record(struct registration *registration, long event, int error)
{
    for (size_t i = 0; i < BITS; i++) {
        if (bits[i].mask == event)
            registration->errors[bits[i].bit] = error;
    }
    registration->recorded |= event;
    SetEvent(registration->event);
}

/* Tells the client, which is not to be told again before it enables the event. */
static void tell(struct endpoint *endpoint, long event, int error)
{
    struct registration *registration = &endpoint->registration;

    if (!(events_wanted(endpoint) & event))
        return;
    registration->reported |= event;
    if (registration->event)
        record(registration, event, error);
    else
        upcalls.lpWPUPostMessage(registration->window,
                                 registration->message,
                                 (WPARAM)registration->socket,
                                 WSAMAKESELECTREPLY(event, error));
}

/* Whether an announced condition still holds: the client may have read meanwhile, or
 * operations that were waiting got it all. */
static bool still_holds(struct endpoint *endpoint, long event)
{
    switch (event) {
    case FD_READ:
        return !endpoint->receives.first && endpoint_poll(endpoint, FD_READ);
    case FD_ACCEPT:
        return endpoint_poll(endpoint, FD_READ);
    case FD_CONNECT:
        return false; /* events_connected has told it */
    default:
        return true;
    }
}

void events_happened(struct endpoint *endpoint, long event, int error)
{
    if ((events_wanted(endpoint) & event) && still_holds(endpoint, event))
        tell(endpoint, event, error);
}

void events_connected(struct endpoint *endpoint)
{
    tell(endpoint, FD_CONNECT, endpoint->connect_error);
    service_update(endpoint);
}

void events_enable(struct endpoint *endpoint, long mask)
{
    if (!(endpoint->registration.mask & mask))
        return;
    endpoint->registration.reported &= ~mask;
    service_update(endpoint);
}

/* Wine 8.0 does not announce a reset that came before it was asked. */
static void look_for_reset(struct endpoint *endpoint)
{
    int code;

    if (endpoint->transport->engine)
        return;
    code = endpoint->transport->end_code(endpoint);
    if (code && !endpoint->peer_closed) {
        endpoint->peer_closed = true;
        endpoint->close_error = code;
    }
}

/* What happened before and holds for good is told at once; what else holds now comes
 * from the lower layer. */
void events_register(struct endpoint *endpoint, const struct registration *registration)
{
    endpoint->registration = *registration;
    endpoint->nonblocking = true;
    /* The lower layer is to announce anew what it has announced to the former; an
     * engine looks for itself. */
    if (!endpoint->transport->engine)
        endpoint->armed = 0;
    endpoint_settle(endpoint);
    if (endpoint->state == ENDPOINT_CONNECTED && !endpoint_connectionless(endpoint)) {
        tell(endpoint, FD_CONNECT, 0);
        look_for_reset(endpoint);
    }
    if (endpoint->peer_closed)
        tell(endpoint, FD_CLOSE, endpoint->close_error);
    if (endpoint->head)
        tell(endpoint, FD_ACCEPT, 0);
    service_update(endpoint);
    endpoint_settle(endpoint); /* once more: now its end is announced */
}

static int select_events(struct endpoint *endpoint,
                         const struct registration *registration)
{
    EnterCriticalSection(&endpoint->lock);
    events_register(endpoint, registration);
    LeaveCriticalSection(&endpoint->lock);
    return 0;
}

static bool is_handle(HANDLE event)
{
    DWORD flags;

    return GetHandleInformation(event, &flags);
}

int WSPAPI WSPEventSelect(SOCKET s,
                          WSAEVENT hEventObject,
                          __LONG32 lNetworkEvents,
                          LPINT lpErrno)
{
    struct registration registration = {.mask = lNetworkEvents, .socket = s};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    if (lNetworkEvents)
        registration.event = hEventObject;
    if (lNetworkEvents && (!hEventObject || !is_handle(hEventObject)))
        error = WSAEINVAL;
    else
        error = select_events(endpoint, &registration);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

int WSPAPI
WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, __LONG32 lEvent, LPINT lpErrno)
{
    struct registration registration = {
        .mask = lEvent, .window = hWnd, .message = wMsg, .socket = s};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    if (lEvent && !IsWindow(hWnd))
        error = WSAEINVAL;
    else
        error = select_events(endpoint, &registration);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}

/* Record and event object change in one step, as no event can come between. */
static int
take_record(struct endpoint *endpoint, WSAEVENT event, WSANETWORKEVENTS *network_events)
{
    struct registration *registration = &endpoint->registration;

    if (!memory_writable(network_events, sizeof *network_events))
        return WSAEINVAL;
    if (event && !ResetEvent(event))
        return WSAEINVAL;
    network_events->lNetworkEvents = registration->recorded;
    for (size_t i = 0; i < BITS; i++) {
        if (registration->recorded & bits[i].mask)
            network_events->iErrorCode[bits[i].bit] = registration->errors[bits[i].bit];
    }
    registration->recorded = 0;
    return 0;
}

int WSPAPI WSPEnumNetworkEvents(SOCKET s,
                                WSAEVENT hEventObject,
                                LPWSANETWORKEVENTS lpNetworkEvents,
                                LPINT lpErrno)
{
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    EnterCriticalSection(&endpoint->lock);
    error = take_record(endpoint, hEventObject, lpNetworkEvents);
    LeaveCriticalSection(&endpoint->lock);
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}
