/* WSPIoctl. */
#include "endpoint.h"
#include "error.h"
#include "extension.h"
#include "lower.h"
#include "memory.h"
#include "overlapped.h"
#include "spi.h"

/* A command with its buffers. */
struct command {
    SOCKET socket;
    DWORD code;
    void *in;
    DWORD in_size;
    void *out;
    DWORD out_size;
    DWORD returned; /* result: bytes in `out` */
};

/* Codes that mingw-w64 names in headers above this program's level, or not at all. */
#define BASE_HANDLE _WSAIOR(IOC_WS2, 34)
#define BSP_HANDLE _WSAIOR(IOC_WS2, 27)
#define BSP_HANDLE_SELECT _WSAIOR(IOC_WS2, 28)
#define BSP_HANDLE_POLL _WSAIOR(IOC_WS2, 29)
#define QUERY_PNP_TARGET_HANDLE _WSAIOR(IOC_WS2, 24)
#define UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#define KEEPALIVE_VALS _WSAIOW(IOC_VENDOR, 4)

/* Event registration forces the nonblocking mode. */
static int set_nonblocking(struct endpoint *endpoint, const struct command *command)
{
    u_long on;
    int error = 0;

    if (command->in_size < sizeof on || !memory_readable(command->in, sizeof on))
        return WSAEFAULT;
    memcpy(&on, command->in, sizeof on);
    EnterCriticalSection(&endpoint->lock);
    if (!on && endpoint->registration.mask)
        error = WSAEINVAL;
    else
        endpoint->nonblocking = on != 0;
    LeaveCriticalSection(&endpoint->lock);
    return error;
}

static int give_handle(struct command *command, SOCKET s)
{
    if (command->out_size < sizeof s || !memory_writable(command->out, sizeof s))
        return WSAEFAULT;
    memcpy(command->out, &s, sizeof s);
    command->returned = sizeof s;
    return 0;
}

static int give_extension(struct endpoint *endpoint, struct command *command)
{
    const void *function;
    GUID id;

    if (command->in_size < sizeof id || !memory_readable(command->in, sizeof id) ||
        command->out_size < sizeof function ||
        !memory_writable(command->out, sizeof function))
        return WSAEFAULT;
    memcpy(&id, command->in, sizeof id);
    function = extension_find(endpoint, &id);
    if (!function)
        return WSAEINVAL;
    memcpy(command->out, &function, sizeof function);
    command->returned = sizeof function;
    return 0;
}

static int forward(struct endpoint *endpoint, struct command *command)
{
    int error;

    if (lower.lpWSPIoctl(endpoint->lower,
                         command->code,
                         command->in,
                         command->in_size,
                         command->out,
                         command->out_size,
                         &command->returned,
                         NULL,
                         NULL,
                         NULL,
                         &error))
        return error;
    return 0;
}

/* With an engine, what is queued below is not yet what can be received. */
static int give_available(struct endpoint *endpoint, struct command *command)
{
    u_long bytes;

    if (command->out_size < sizeof bytes ||
        !memory_writable(command->out, sizeof bytes))
        return WSAEFAULT;
    EnterCriticalSection(&endpoint->lock);
    bytes = endpoint->transport->engine->available(endpoint);
    LeaveCriticalSection(&endpoint->lock);
    memcpy(command->out, &bytes, sizeof bytes);
    command->returned = sizeof bytes;
    return 0;
}

static int run(struct endpoint *endpoint, struct command *command)
{
    switch (command->code) {
    case FIONBIO:
        return set_nonblocking(endpoint, command);
    case SIO_GET_EXTENSION_FUNCTION_POINTER:
        return give_extension(endpoint, command);
    case BASE_HANDLE:
    case BSP_HANDLE:
    case BSP_HANDLE_SELECT:
    case BSP_HANDLE_POLL:
        return give_handle(command, command->socket); /* this is the base provider */
    case QUERY_PNP_TARGET_HANDLE:
        return give_handle(command, endpoint->lower);
    case FIONREAD:
        return endpoint->transport->engine ? give_available(endpoint, command)
                                           : forward(endpoint, command);
    case SIOCATMARK:
    case SIO_ADDRESS_LIST_QUERY:
    case SIO_FIND_ROUTE:
    case SIO_GET_BROADCAST_ADDRESS:
    case SIO_GET_INTERFACE_LIST:
    case SIO_MULTICAST_SCOPE:
    case SIO_MULTIPOINT_LOOPBACK:
    case SIO_ROUTING_INTERFACE_QUERY:
    case KEEPALIVE_VALS:
    case UDP_CONNRESET:
        return forward(endpoint, command);
    case SIO_ASSOCIATE_HANDLE:
    case SIO_ENABLE_CIRCULAR_QUEUEING:
    case SIO_FLUSH:
    case SIO_GET_QOS:
    case SIO_SET_QOS:
    case SIO_TRANSLATE_HANDLE:
        return WSAENOPROTOOPT;
    case SIO_ADDRESS_LIST_CHANGE:
    case SIO_ROUTING_INTERFACE_CHANGE:
    case SIO_GET_GROUP_QOS:
    case SIO_SET_GROUP_QOS:
        return WSAEOPNOTSUPP;
    default:
        return WSAEINVAL;
    }
}

/* Every command is over at once, also where the client asked for overlapped
 * execution; it is told the same way as of an operation that was pending. */
static int run_overlapped(struct endpoint *endpoint,
                          struct command *command,
                          const struct completion *completion)
{
    struct transfer nothing = {0};
    struct operation *operation = overlapped_create(completion, &nothing);
    int error;

    if (!operation)
        return WSAEFAULT;
    error = run(endpoint, command);
    if (error) {
        overlapped_discard(operation);
        return error;
    }
    operation->transfer.bytes = command->returned;
    overlapped_finish_one(operation);
    return 0;
}

int WSPAPI WSPIoctl(SOCKET s,
                    DWORD dwIoControlCode,
                    LPVOID lpvInBuffer,
                    DWORD cbInBuffer,
                    LPVOID lpvOutBuffer,
                    DWORD cbOutBuffer,
                    LPDWORD lpcbBytesReturned,
                    LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId,
                    LPINT lpErrno)
{
    struct command command = {.socket = s,
                              .code = dwIoControlCode,
                              .in = lpvInBuffer,
                              .in_size = cbInBuffer,
                              .out = lpvOutBuffer,
                              .out_size = cbOutBuffer};
    struct completion completion = {s, lpOverlapped, lpCompletionRoutine, lpThreadId};
    struct endpoint *endpoint;
    int error = endpoint_enter(s, &endpoint);

    if (error)
        return fail(lpErrno, error);
    if (!memory_writable(lpcbBytesReturned, sizeof *lpcbBytesReturned))
        error = WSAEFAULT;
    else if (overlapped_wanted(endpoint, &completion))
        error = run_overlapped(endpoint, &command, &completion);
    else
        error = run(endpoint, &command);
    if (!error)
        *lpcbBytesReturned = command.returned;
    endpoint_leave(endpoint);
    return finish(lpErrno, error);
}
