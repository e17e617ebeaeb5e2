#include "socket_handle.h"

#include <stdlib.h>

#define BUCKETS 4096 /* power of two */

enum state { HANDLE_OPEN, HANDLE_CLOSED, HANDLE_IFS };

struct node {
    struct node *next;
    SOCKET s;
    DWORD_PTR context;
    DWORD catalog_id;
    unsigned long serial;
    unsigned closes;
    enum state state;
};

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE closed = CONDITION_VARIABLE_INIT;
static struct node *buckets[BUCKETS];
static unsigned long serial;
static unsigned kept;

/* Handles are multiples of four. */
static struct node **bucket_of(SOCKET s)
{
    return &buckets[(s >> 2) & (BUCKETS - 1)];
}

static struct node *find(SOCKET s)
{
    struct node *node = *bucket_of(s);

    while (node && node->s != s)
        node = node->next;
    return node;
}

static struct node *insert(SOCKET s, DWORD catalog_id, enum state state)
{
    struct node *node = calloc(1, sizeof *node);

    if (!node)
        return NULL;
    node->s = s;
    node->catalog_id = catalog_id;
    node->state = state;
    node->next = *bucket_of(s);
    *bucket_of(s) = node;
    return node;
}

SOCKET socket_handle_create(DWORD catalog_id, DWORD_PTR context)
{
    HANDLE object = CreateEventW(NULL, TRUE, FALSE, NULL);
    SOCKET s = (SOCKET)object;
    struct node *node;

    if (!object)
        return INVALID_SOCKET;
    AcquireSRWLockExclusive(&lock);
    /* An IFS handle that the provider closed without telling may have had this value.
     */
    node = find(s);
    if (!node)
        node = insert(s, catalog_id, HANDLE_OPEN);
    if (node) {
        node->state = HANDLE_OPEN;
        node->catalog_id = catalog_id;
        node->context = context;
        node->serial = serial++;
        node->closes = 0;
    }
    ReleaseSRWLockExclusive(&lock);
    if (!node)
        CloseHandle(object);
    return node ? s : INVALID_SOCKET;
}

bool socket_handle_close(SOCKET s)
{
    struct node *node;
    bool open;

    AcquireSRWLockExclusive(&lock);
    node = find(s);
    open = node && node->state == HANDLE_OPEN;
    if (node)
        ++node->closes;
    if (open) {
        node->state = HANDLE_CLOSED;
        ++kept;
        WakeAllConditionVariable(&closed);
    }
    ReleaseSRWLockExclusive(&lock);
    return open;
}

unsigned socket_handle_closes(SOCKET s)
{
    const struct node *node;
    unsigned closes;

    AcquireSRWLockShared(&lock);
    node = find(s);
    closes = node ? node->closes : 0;
    ReleaseSRWLockShared(&lock);
    return closes;
}

bool socket_handle_query(SOCKET s, DWORD_PTR *context)
{
    struct node *node;
    bool open;

    AcquireSRWLockShared(&lock);
    node = find(s);
    open = node && node->state == HANDLE_OPEN;
    if (open)
        *context = node->context;
    ReleaseSRWLockShared(&lock);
    return open;
}

void socket_handle_adopt(DWORD catalog_id, SOCKET s)
{
    struct node *node;

    AcquireSRWLockExclusive(&lock);
    node = find(s);
    if (node && node->state != HANDLE_OPEN)
        node->state = HANDLE_IFS;
    else if (!node)
        node = insert(s, catalog_id, HANDLE_IFS);
    if (node)
        node->catalog_id = catalog_id;
    ReleaseSRWLockExclusive(&lock);
}

enum handle_model socket_handle_model(SOCKET s)
{
    static const enum handle_model models[] = {[HANDLE_OPEN] = HANDLES_OF_HOST,
                                               [HANDLE_CLOSED] = HANDLES_UNKNOWN,
                                               [HANDLE_IFS] = HANDLES_OF_SYSTEM};
    const struct node *node;
    enum handle_model model;

    AcquireSRWLockShared(&lock);
    node = find(s);
    model = node ? models[node->state] : HANDLES_UNKNOWN;
    ReleaseSRWLockShared(&lock);
    return model;
}

void socket_handle_disown(SOCKET s)
{
    struct node **at, *node;

    AcquireSRWLockExclusive(&lock);
    at = bucket_of(s);
    while (*at && (*at)->s != s)
        at = &(*at)->next;
    node = *at;
    if (node && node->state == HANDLE_IFS) {
        *at = node->next;
        free(node);
    }
    ReleaseSRWLockExclusive(&lock);
}

unsigned long socket_handles_mark(void)
{
    return serial;
}

static unsigned count_open(unsigned long mark, SOCKET *one)
{
    unsigned count = 0;

    for (unsigned i = 0; i < BUCKETS; ++i)
        for (const struct node *node = buckets[i]; node; node = node->next)
            if (node->state == HANDLE_OPEN && node->serial >= mark) {
                *one = node->s;
                ++count;
            }
    return count;
}

unsigned socket_handles_open(unsigned long mark, SOCKET *one)
{
    unsigned count;

    AcquireSRWLockShared(&lock);
    count = count_open(mark, one);
    ReleaseSRWLockShared(&lock);
    return count;
}

bool socket_handles_await_closed(unsigned long mark, DWORD ms)
{
    ULONGLONG end = GetTickCount64() + ms;
    SOCKET one;
    bool none;

    AcquireSRWLockExclusive(&lock);
    while (!(none = !count_open(mark, &one))) {
        ULONGLONG now = GetTickCount64();

        if (now >= end)
            break;
        SleepConditionVariableSRW(&closed, &lock, (DWORD)(end - now), 0);
    }
    ReleaseSRWLockExclusive(&lock);
    return none;
}

unsigned socket_handles_kept(void)
{
    return kept;
}

void socket_handles_forget(void)
{
    AcquireSRWLockExclusive(&lock);
    for (unsigned i = 0; i < BUCKETS && kept; ++i)
        for (struct node **at = &buckets[i]; *at;) {
            struct node *node = *at;

            if (node->state == HANDLE_CLOSED) {
                *at = node->next;
                CloseHandle((HANDLE)node->s);
                free(node);
                --kept;
            } else {
                at = &node->next;
            }
        }
    ReleaseSRWLockExclusive(&lock);
}
