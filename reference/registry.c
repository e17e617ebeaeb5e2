#include "registry.h"

#include "memory.h"
#include "service.h"
#include "startup.h"

/* A context of 32 bits: slot below, generation above. */
#define SLOT_BITS 18
#define SLOT_MASK ((1u << SLOT_BITS) - 1)
#define GENERATIONS (1u << (32 - SLOT_BITS))

#define LOWER_BUCKETS 4096 /* a power of 2 */

struct slot {
    struct endpoint *endpoint; /* NULL: free */
    SOCKET socket;
    unsigned generation; /* from 1, so that no context is 0 */
    unsigned next_free;
};

/* Innermost lock: nothing else is taken while it is held. */
static CRITICAL_SECTION lock;
static struct slot *slots;
static unsigned slot_count;
static unsigned first_free; /* == slot_count: none */
static struct endpoint *by_lower[LOWER_BUCKETS];
static UINT last_message;

void registry_initialize(void)
{
    InitializeCriticalSection(&lock);
}

void registry_delete(void)
{
    DeleteCriticalSection(&lock);
}

void registry_clear(void)
{
    memory_free(slots);
    slots = NULL;
    slot_count = 0;
    first_free = 0;
}

static DWORD_PTR context_of(unsigned index)
{
    return (DWORD_PTR)slots[index].generation << SLOT_BITS | index;
}

/* The slot of a context that was given for `s`, or NULL. The context alone is not
 * enough: the client may hold one of another provider for `s`. */
static struct slot *slot_at(DWORD_PTR context, SOCKET s)
{
    unsigned index = context & SLOT_MASK;

    if (index >= slot_count || !slots[index].endpoint || context_of(index) != context ||
        slots[index].socket != s)
        return NULL;
    return &slots[index];
}

/* Makes sure that there is a free slot. */
static bool grow(void)
{
    unsigned count = slot_count ? 2 * slot_count : 64;
    struct slot *larger;

    if (first_free < slot_count)
        return true;
    if (count > SLOT_MASK)
        return false;
    larger = memory_allocate(count * sizeof *larger);
    if (!larger)
        return false;
    if (slots)
        memcpy(larger, slots, slot_count * sizeof *larger);
    for (unsigned i = slot_count; i < count; i++) {
        larger[i].generation = 1;
        larger[i].next_free = i + 1;
    }
    memory_free(slots);
    slots = larger;
    slot_count = count;
    return true;
}

static void free_slot(struct slot *slot)
{
    slot->endpoint = NULL;
    slot->generation = slot->generation % (GENERATIONS - 1) + 1;
    slot->next_free = first_free;
    first_free = (unsigned)(slot - slots);
}

/* Takes a slot for the endpoint; its context, or 0. */
static DWORD_PTR reserve(struct endpoint *endpoint)
{
    DWORD_PTR context = 0;

    EnterCriticalSection(&lock);
    if (grow()) {
        unsigned index = first_free;

        first_free = slots[index].next_free;
        slots[index].endpoint = endpoint;
        slots[index].socket = INVALID_SOCKET;
        endpoint->references++;
        endpoint->descriptors++;
        context = context_of(index);
    }
    LeaveCriticalSection(&lock);
    return context;
}

int registry_add(struct endpoint *endpoint, SOCKET *s)
{
    DWORD_PTR context = reserve(endpoint);
    int error = WSAENOBUFS;
    struct slot *slot;
    SOCKET handle;

    if (!context)
        return WSAENOBUFS;
    handle = upcalls.lpWPUCreateSocketHandle(
        endpoint->entry->dwCatalogEntryId, context, &error);
    EnterCriticalSection(&lock);
    slot = slot_at(context, INVALID_SOCKET);
    slot->socket = handle;
    if (handle == INVALID_SOCKET) {
        free_slot(slot);
        endpoint->descriptors--;
        endpoint->references--;
    }
    LeaveCriticalSection(&lock);
    if (handle == INVALID_SOCKET)
        return error;
    *s = handle;
    return 0;
}

static bool query_context(SOCKET s, DWORD_PTR *context)
{
    int error;

    return upcalls.lpWPUQuerySocketHandleContext(s, context, &error) == 0;
}

int registry_remove(SOCKET s, struct endpoint **endpoint, bool *last)
{
    DWORD_PTR context;
    struct slot *slot;

    if (!query_context(s, &context))
        return WSAENOTSOCK;
    EnterCriticalSection(&lock);
    slot = slot_at(context, s);
    if (slot) {
        *endpoint = slot->endpoint; /* with the descriptor's reference */
        *last = --slot->endpoint->descriptors == 0;
        free_slot(slot);
    }
    LeaveCriticalSection(&lock);
    return slot ? 0 : WSAENOTSOCK;
}

void registry_give_back(SOCKET s)
{
    int error;

    upcalls.lpWPUCloseSocketHandle(s, &error);
}

struct endpoint *registry_find(SOCKET s)
{
    struct endpoint *endpoint = NULL;
    DWORD_PTR context;
    struct slot *slot;

    if (!query_context(s, &context))
        return NULL;
    EnterCriticalSection(&lock);
    slot = slot_at(context, s);
    if (slot) {
        endpoint = slot->endpoint;
        endpoint->references++;
    }
    LeaveCriticalSection(&lock);
    return endpoint;
}

void registry_hold(struct endpoint *endpoint)
{
    EnterCriticalSection(&lock);
    endpoint->references++;
    endpoint->descriptors++;
    LeaveCriticalSection(&lock);
}

bool registry_unhold(struct endpoint *endpoint)
{
    bool last;

    EnterCriticalSection(&lock);
    last = --endpoint->descriptors == 0;
    LeaveCriticalSection(&lock);
    return last;
}

/* System handles are multiples of 4. */
static struct endpoint **bucket_of(SOCKET lower)
{
    return &by_lower[(lower >> 2) & (LOWER_BUCKETS - 1)];
}

static void forget_lower(struct endpoint *endpoint)
{
    struct endpoint **at = bucket_of(endpoint->lower);

    while (*at && *at != endpoint)
        at = &(*at)->next_by_lower;
    if (*at)
        *at = endpoint->next_by_lower;
}

bool registry_try_refer(struct endpoint *endpoint)
{
    bool alive;

    EnterCriticalSection(&lock);
    alive = endpoint->references > 0;
    endpoint->references += alive;
    LeaveCriticalSection(&lock);
    return alive;
}

void registry_refer(struct endpoint *endpoint)
{
    registry_try_refer(endpoint);
}

void registry_release(struct endpoint *endpoint)
{
    long left;

    EnterCriticalSection(&lock);
    left = --endpoint->references;
    if (left == 1 && endpoint->drained)
        SetEvent(endpoint->drained);
    if (left == 0)
        forget_lower(endpoint);
    LeaveCriticalSection(&lock);
    if (left == 0)
        endpoint_destroy(endpoint);
}

void registry_drain(struct endpoint *endpoint, HANDLE event, DWORD limit)
{
    bool others;

    EnterCriticalSection(&lock);
    others = endpoint->references > 1;
    if (others) {
        ResetEvent(event);
        endpoint->drained = event;
    }
    LeaveCriticalSection(&lock);
    if (!others)
        return;
    WaitForSingleObject(event, limit);
    EnterCriticalSection(&lock);
    endpoint->drained = NULL;
    LeaveCriticalSection(&lock);
}

static void remember_lower(struct endpoint *endpoint)
{
    struct endpoint **bucket = bucket_of(endpoint->lower);

    last_message = (last_message + 1) % SERVICE_MESSAGES;
    endpoint->message = SERVICE_FIRST_MESSAGE + last_message;
    endpoint->next_by_lower = *bucket;
    *bucket = endpoint;
}

void registry_watch_lower(struct endpoint *endpoint)
{
    EnterCriticalSection(&lock);
    remember_lower(endpoint);
    LeaveCriticalSection(&lock);
}

SOCKET registry_replace_lower(struct endpoint *endpoint, SOCKET lower)
{
    SOCKET former = endpoint->lower;

    EnterCriticalSection(&lock);
    forget_lower(endpoint);
    endpoint->lower = lower;
    remember_lower(endpoint);
    LeaveCriticalSection(&lock);
    return former;
}

struct endpoint *registry_find_lower(SOCKET lower, UINT message)
{
    struct endpoint *endpoint;

    EnterCriticalSection(&lock);
    endpoint = *bucket_of(lower);
    while (endpoint && (endpoint->lower != lower || endpoint->message != message))
        endpoint = endpoint->next_by_lower;
    if (endpoint)
        endpoint->references++;
    LeaveCriticalSection(&lock);
    return endpoint;
}

struct endpoint *registry_any(SOCKET *s)
{
    struct endpoint *endpoint = NULL;

    EnterCriticalSection(&lock);
    for (unsigned i = 0; i < slot_count && !endpoint; i++) {
        if (slots[i].endpoint && slots[i].socket != INVALID_SOCKET) {
            endpoint = slots[i].endpoint;
            endpoint->references++;
            *s = slots[i].socket;
        }
    }
    LeaveCriticalSection(&lock);
    return endpoint;
}
