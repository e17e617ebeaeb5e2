#include "iso_server.h"

#include <limits.h>
#include <stdlib.h>

/* How long the thread that stops a server tries to wake it. */
#define WAKE_MS 1000

struct iso_server {
    isotp_socket listener;
    HANDLE thread;
    HANDLE count; /* semaphore: connections in the queue */
    volatile LONG stops;
    SRWLOCK lock;
    struct iso_end *first; /* the queue, oldest first */
    struct iso_end **last;
};

static void enqueue(struct iso_server *server, struct iso_end *end)
{
    AcquireSRWLockExclusive(&server->lock);
    *server->last = end;
    server->last = &end->next;
    ReleaseSRWLockExclusive(&server->lock);
    ReleaseSemaphore(server->count, 1, NULL);
}

static struct iso_end *dequeue(struct iso_server *server)
{
    struct iso_end *end;

    AcquireSRWLockExclusive(&server->lock);
    end = server->first;
    if (end) {
        server->first = end->next;
        if (!server->first)
            server->last = &server->first;
        end->next = NULL;
    }
    ReleaseSRWLockExclusive(&server->lock);
    return end;
}

static DWORD WINAPI serve(void *argument)
{
    struct iso_server *server = argument;
    enum isotp_result result = ISOTP_OK;

    while (!server->stops && (result == ISOTP_OK || result == ISOTP_TIMEOUT)) {
        struct iso_end *end = iso_end_new();

        result = isotp_accept(&end->transport, server->listener);
        if (result == ISOTP_OK && !server->stops &&
            isotp_await_cr(&end->transport) == ISOTP_OK &&
            isotp_send_cc(&end->transport, NULL) == ISOTP_OK)
            enqueue(server, end);
        else
            iso_end_free(end);
    }
    return 0;
}

struct iso_server *iso_server_start(SOCKET listener)
{
    struct iso_server *server = calloc(1, sizeof *server);

    if (!server)
        abort();
    server->listener = (isotp_socket)listener;
    server->last = &server->first;
    server->count = CreateSemaphoreW(NULL, 0, LONG_MAX, NULL);
    server->thread = CreateThread(NULL, 0, serve, server, 0, NULL);
    if (server->thread)
        return server;
    CloseHandle(server->count);
    free(server);
    return NULL;
}

struct iso_end *iso_server_take(struct iso_server *server, unsigned ms)
{
    if (WaitForSingleObject(server->count, ms) != WAIT_OBJECT_0)
        return NULL;
    return dequeue(server);
}

/* What waits for a connection is woken by one. */
static void wake(struct iso_server *server)
{
    struct isotp_endpoint endpoint;
    struct isotp_why why;
    isotp_socket s;

    if (isotp_socket_name(server->listener, &endpoint, &why) == ISOTP_OK &&
        isotp_socket_connect(NULL, &endpoint, isotp_now_ms() + WAKE_MS, &s, &why) ==
            ISOTP_OK)
        isotp_socket_close(s);
}

void iso_server_stop(struct iso_server *server)
{
    struct iso_end *end;

    InterlockedExchange(&server->stops, 1);
    wake(server);
    WaitForSingleObject(server->thread, INFINITE);
    CloseHandle(server->thread);
    CloseHandle(server->count);
    while ((end = dequeue(server)) != NULL)
        iso_end_free(end);
    free(server);
}
