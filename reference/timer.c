#include "timer.h"

#include "registry.h"
#include "service.h"

static CRITICAL_SECTION lock; /* taken with an endpoint's lock held */
static struct endpoint *first;

void timer_initialize(void)
{
    InitializeCriticalSection(&lock);
}

void timer_delete(void)
{
    DeleteCriticalSection(&lock);
}

static void enlist(struct endpoint *endpoint)
{
    endpoint->timed = true;
    endpoint->previous_timed = NULL;
    endpoint->next_timed = first;
    if (first)
        first->previous_timed = endpoint;
    first = endpoint;
}

static void delist(struct endpoint *endpoint)
{
    endpoint->timed = false;
    if (endpoint->previous_timed)
        endpoint->previous_timed->next_timed = endpoint->next_timed;
    else
        first = endpoint->next_timed;
    if (endpoint->next_timed)
        endpoint->next_timed->previous_timed = endpoint->previous_timed;
}

void timer_set(struct endpoint *endpoint, DWORD limit)
{
    bool begins;

    EnterCriticalSection(&lock);
    begins = limit && !first;
    if (endpoint->timed && !limit)
        delist(endpoint);
    else if (!endpoint->timed && limit)
        enlist(endpoint);
    endpoint->due = GetTickCount() + limit;
    LeaveCriticalSection(&lock);
    if (begins)
        service_tick();
}

/* Takes one that is due off the list, with a reference; NULL: there is none. */
static struct endpoint *take_due(void)
{
    DWORD now = GetTickCount();
    struct endpoint *endpoint;

    EnterCriticalSection(&lock);
    endpoint = first;
    while (endpoint &&
           ((LONG)(now - endpoint->due) < 0 || !registry_try_refer(endpoint)))
        endpoint = endpoint->next_timed;
    if (endpoint)
        delist(endpoint);
    LeaveCriticalSection(&lock);
    return endpoint;
}

bool timer_tick(void)
{
    struct endpoint *endpoint = take_due();

    while (endpoint) {
        service_handle(endpoint, TIMER_EVENT, 0);
        registry_release(endpoint);
        endpoint = take_due();
    }
    return first != NULL;
}
