#include "accept_ex.h"

#include "accept.h"
#include "lower.h"
#include "memory.h"
#include "overlapped.h"
#include "receive.h"
#include "registry.h"
#include "service.h"

/* An address in the output buffer: the structure at the beginning of its room, its
 * length in the last bytes. */
#define LENGTH_SIZE sizeof(int)
/* By so much, AcceptEx documents, each room exceeds the longest address. */
#define EXCESS 16

/* What an accepting operation keeps. */
struct accepting {
    SOCKET socket; /* the client's descriptor that becomes connected */
    char *output;
    DWORD receive_length;
    DWORD local_length;
    DWORD remote_length;
    struct request *request; /* what came */
};

static void put_address(char *room,
                        DWORD room_length,
                        const struct sockaddr_storage *name,
                        int length)
{
    memcpy(room, name, (size_t)length);
    memcpy(room + room_length - LENGTH_SIZE, &length, LENGTH_SIZE);
}

static struct sockaddr *get_address(char *room, DWORD room_length, int *length)
{
    memcpy(length, room + room_length - LENGTH_SIZE, LENGTH_SIZE);
    return (struct sockaddr *)room;
}

static int take_request(struct endpoint *listener, struct operation *operation)
{
    struct accepting *accepting = operation->detail;
    int error = accept_take(listener, &accepting->request);
    char *rooms = accepting->output + accepting->receive_length;

    if (error)
        return error;
    listener->transport->find_callee(accepting->request);
    put_address(rooms,
                accepting->local_length,
                &accepting->request->callee,
                accepting->request->callee_length);
    put_address(rooms + accepting->local_length,
                accepting->remote_length,
                &accepting->request->caller,
                accepting->request->caller_length);
    return 0;
}

/* The descriptor's lower socket makes room for the connection's. */
static int connect_endpoint(struct endpoint *endpoint, const struct request *request)
{
    SOCKET former;

    if (endpoint->state != ENDPOINT_OPEN)
        return WSAEINVAL;
    former = registry_replace_lower(endpoint, request->lower);
    lower_close(former);
    endpoint->armed = 0;
    endpoint->state = ENDPOINT_CONNECTED;
    return 0;
}

/* The first data, if the client wants to wait for them. */
static int start_receiving(struct endpoint *endpoint, struct operation *operation)
{
    if (!operation->transfer.count) {
        service_update(endpoint);
        return 0;
    }
    operation->attempt = receive_attempt;
    return overlapped_start(endpoint, &endpoint->receives, operation);
}

static int hand_over(struct operation *operation)
{
    struct accepting *accepting = operation->detail;
    struct endpoint *endpoint = registry_find(accepting->socket);
    int error = WSAENOTSOCK;

    if (endpoint) {
        EnterCriticalSection(&endpoint->lock);
        error = connect_endpoint(endpoint, accepting->request);
    }
    if (error)
        lower_close(accepting->request->lower);
    else
        error = start_receiving(endpoint, operation);
    if (endpoint) {
        LeaveCriticalSection(&endpoint->lock);
        registry_release(endpoint);
    }
    memory_free(accepting->request);
    return error;
}

/* --- AcceptEx -------------------------------------------------------------------- */

static int check(const struct endpoint *listener, const struct accepting *accepting)
{
    DWORD least = (DWORD)listener->transport->name_length(listener) + EXCESS;
    size_t size = (size_t)accepting->receive_length + accepting->local_length +
                  accepting->remote_length;

    if (listener->state != ENDPOINT_LISTENING)
        return WSAEINVAL;
    if (accepting->local_length < least || accepting->remote_length < least)
        return WSAEINVAL;
    return memory_writable(accepting->output, size) ? 0 : WSAEFAULT;
}

static int start(struct endpoint *listener,
                 const struct accepting *accepting,
                 const struct completion *completion)
{
    WSABUF first = {accepting->receive_length, accepting->output};
    struct transfer transfer = {.buffers = &first,
                                .count = accepting->receive_length > 0};
    struct operation *operation = overlapped_create(completion, &transfer);
    struct accepting *copy = memory_allocate(sizeof *copy);
    int error;

    if (!operation || !copy) {
        memory_free(operation);
        memory_free(copy);
        return WSAENOBUFS;
    }
    *copy = *accepting;
    operation->detail = copy;
    operation->attempt = take_request;
    operation->then = hand_over;
    EnterCriticalSection(&listener->lock);
    error = overlapped_start(listener, &listener->accepts, operation);
    LeaveCriticalSection(&listener->lock);
    if (error && error != WSA_IO_PENDING)
        overlapped_discard(operation);
    else if (!error)
        overlapped_finish_one(operation);
    return error && error != WSA_IO_PENDING ? error : 0;
}

/* Always ends by its overlapped structure, also when it could be served at once. */
BOOL WINAPI accept_ex(SOCKET listening,
                      SOCKET accepting,
                      void *output,
                      DWORD receive_length,
                      DWORD local_length,
                      DWORD remote_length,
                      DWORD *received,
                      OVERLAPPED *overlapped)
{
    struct accepting request = {.socket = accepting,
                                .output = output,
                                .receive_length = receive_length,
                                .local_length = local_length,
                                .remote_length = remote_length};
    struct completion completion = {listening, overlapped, NULL, NULL};
    struct endpoint *listener;
    int error = endpoint_enter(listening, &listener);

    (void)received; /* told by the completion */
    if (!error) {
        error = overlapped ? check(listener, &request) : WSAEINVAL;
        if (!error)
            error = start(listener, &request, &completion);
        endpoint_leave(listener);
    }
    SetLastError(error ? (DWORD)error : WSA_IO_PENDING);
    return FALSE;
}

void WINAPI get_accept_ex_addresses(void *output,
                                    DWORD receive_length,
                                    DWORD local_length,
                                    DWORD remote_length,
                                    struct sockaddr **local,
                                    int *local_size,
                                    struct sockaddr **remote,
                                    int *remote_size)
{
    char *rooms = (char *)output + receive_length;

    *local = get_address(rooms, local_length, local_size);
    *remote = get_address(rooms + local_length, remote_length, remote_size);
}
