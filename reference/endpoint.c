#include "endpoint.h"

#include "events.h"
#include "fault.h"
#include "lower.h"
#include "memory.h"
#include "registry.h"
#include "startup.h"
#include "thread.h"
#include "timer.h"

struct endpoint *endpoint_create(const WSAPROTOCOL_INFOW *entry, SOCKET lower_socket)
{
    const struct transport *transport = transport_find(entry);
    struct endpoint *endpoint = memory_allocate(sizeof *endpoint);

    if (endpoint) {
        endpoint->entry = entry;
        endpoint->transport = transport;
        endpoint->lower = lower_socket;
        endpoint->references = 1;
    }
    if (!endpoint || (transport->engine && transport->engine->create(endpoint))) {
        memory_free(endpoint);
        lower_close(lower_socket);
        return NULL;
    }
    InitializeCriticalSection(&endpoint->lock);
    registry_watch_lower(endpoint);
    return endpoint;
}

void endpoint_destroy(struct endpoint *endpoint)
{
    if (endpoint->head)
        endpoint_refuse(endpoint, endpoint->head);
    timer_set(endpoint, 0);
    if (endpoint->transport->engine)
        endpoint->transport->engine->destroy(endpoint);
    lower_close(endpoint->lower);
    memory_free(endpoint->disconnect_data);
    DeleteCriticalSection(&endpoint->lock);
    memory_free(endpoint);
}

void endpoint_refuse(const struct endpoint *listener, struct request *request)
{
    if (listener->transport->engine) {
        listener->transport->engine->refuse(request);
        registry_release(request->endpoint);
    } else {
        lower_set_hard_close(request->lower);
        lower_close(request->lower);
    }
    memory_free(request);
}

bool endpoint_has(const struct endpoint *endpoint, DWORD service_flag)
{
    return endpoint->entry->dwServiceFlags1 & service_flag;
}

bool endpoint_connectionless(const struct endpoint *endpoint)
{
    return endpoint_has(endpoint, XP1_CONNECTIONLESS);
}

int endpoint_enter(SOCKET s, struct endpoint **endpoint)
{
    int error = 0;

    if (!startup_done())
        return WSANOTINITIALISED;
    *endpoint = registry_find(s);
    if (!*endpoint)
        return WSAENOTSOCK; /* RD-12 */
    if (thread_in_callback())
        error = WSAEINPROGRESS; /* RD-8, RD-9 */
    else if (network_is_down())
        error = WSAENETDOWN; /* RD-5 */
    if (error)
        registry_release(*endpoint);
    return error;
}

void endpoint_leave(struct endpoint *endpoint)
{
    registry_release(endpoint);
}

void endpoint_connect_ended(struct endpoint *endpoint, int error)
{
    endpoint->state = error ? ENDPOINT_OPEN : ENDPOINT_CONNECTED;
    endpoint->connect_error = error;
    endpoint->socket_error = error;
    endpoint_wake(endpoint, FD_CONNECT | FD_WRITE | FD_OOB);
    events_connected(endpoint);
}

void endpoint_settle(struct endpoint *endpoint)
{
    int error;

    if (endpoint->state != ENDPOINT_CONNECTING)
        return;
    error = endpoint->transport->connect_outcome(endpoint);
    if (error != WSAEWOULDBLOCK)
        endpoint_connect_ended(endpoint, error);
}

long endpoint_poll(struct endpoint *endpoint, long mask)
{
    long ready;

    if (!endpoint->transport->engine)
        return lower_poll(endpoint->lower, mask);
    /* An engine that is not told what arrives has to look. */
    if ((mask & FD_READ) && endpoint->state == ENDPOINT_CONNECTED &&
        !(endpoint->armed & FD_READ))
        endpoint->transport->engine->happened(endpoint, 0, 0);
    ready = endpoint->transport->engine->ready(endpoint);
    if (ready & (FD_ACCEPT | FD_CLOSE))
        ready |= FD_READ;
    return ready & mask;
}

int endpoint_require_connection(struct endpoint *endpoint)
{
    endpoint_settle(endpoint);
    if (endpoint_connectionless(endpoint) || endpoint->state == ENDPOINT_CONNECTED)
        return 0;
    return WSAENOTCONN;
}

int endpoint_may_receive(struct endpoint *endpoint)
{
    int error = endpoint_require_connection(endpoint);

    if (!error && endpoint->reception_ended)
        error = WSAESHUTDOWN; /* RD-13 */
    return error;
}

int endpoint_may_send(struct endpoint *endpoint)
{
    int error = endpoint_require_connection(endpoint);

    if (!error && endpoint->sending_ended)
        error = WSAESHUTDOWN;
    return error;
}

void endpoint_add_waiter(struct endpoint *endpoint, struct waiter *waiter)
{
    if (endpoint->closing)
        waiter->ended = WSAEINTR;
    waiter->next = endpoint->waiters;
    endpoint->waiters = waiter;
}

void endpoint_remove_waiter(struct endpoint *endpoint, struct waiter *waiter)
{
    struct waiter **at = &endpoint->waiters;

    while (*at && *at != waiter)
        at = &(*at)->next;
    if (*at)
        *at = waiter->next;
}

void endpoint_wake(struct endpoint *endpoint, long mask)
{
    for (struct waiter *waiter = endpoint->waiters; waiter; waiter = waiter->next) {
        if (waiter->mask & mask)
            SetEvent(waiter->event);
    }
}

void endpoint_end_waits(struct endpoint *endpoint, long mask, int error)
{
    for (struct waiter *waiter = endpoint->waiters; waiter; waiter = waiter->next) {
        if (waiter->mask & mask) {
            waiter->ended = error;
            SetEvent(waiter->event);
        }
    }
}
