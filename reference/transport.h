/* A transport: what the core must know of one protocol. Each operation is nonblocking
 * and returns 0 or a Winsock code, WSAEWOULDBLOCK if it cannot finish now; readiness is
 * then signalled through service.h. */
#ifndef WSPREF_TRANSPORT_H
#define WSPREF_TRANSPORT_H

#include "win.h"

struct endpoint;
struct request;

/* Data on their way between the client's buffers and a transport. */
struct transfer {
    WSABUF *buffers;
    DWORD count;
    DWORD flags;  /* MSG_ flags; after a reception those of the data */
    DWORD bytes;  /* result: bytes transferred */
    DWORD begin;  /* sending with an engine: so many at the front have gone before, */
    bool through; /* and they are all */
    bool waits;   /* reception with an engine: it is read for the caller anyway */
    /* Reception: where the sender's address goes, or NULL. */
    struct sockaddr *from;
    int *from_length;
    /* Sending: the destination, or NULL for the connected one. */
    const struct sockaddr *to;
    int to_length;
};

static inline size_t transfer_length(const struct transfer *transfer)
{
    size_t length = 0;

    for (DWORD i = 0; i < transfer->count; i++)
        length += transfer->buffers[i].len;
    return length;
}

/* The longest data that go along with a connection's beginning, in bytes. */
#define CONNECT_DATA_MAX 32
/* And with its end. */
#define DISCONNECT_DATA_MAX 64

/* A connection that was taken from the lower layer and not yet given to the client. */
struct request {
    SOCKET lower;
    struct endpoint *endpoint; /* exists already, referenced; NULL: to be made */
    struct sockaddr_storage caller;
    int caller_length;
    struct sockaddr_storage callee;
    int callee_length;
    ULONG caller_data_length; /* 0: none came */
    char caller_data[CONNECT_DATA_MAX];
    ULONG callee_data_length;
    char callee_data[CONNECT_DATA_MAX];
};

/* For a protocol that this provider itself speaks on the lower socket: what the lower
 * layer announces concerns the protocol first, and what the client is to know follows
 * from its state. All want the endpoint's lock held, but for those that say so. */
struct engine {
    /* The protocol's state in endpoint->protocol: made with the endpoint (0 or a code)
     * and freed, without the lock, when nobody refers to the endpoint any more. */
    int (*create)(struct endpoint *endpoint);
    void (*destroy)(struct endpoint *endpoint);

    /* FD_ bits that the lower layer shall announce from now on; somebody waits for
     * those of `wanted`. */
    long (*needs)(const struct endpoint *endpoint, long wanted);
    /* The lower layer announced an event, or (0) the state is to be looked at. */
    void (*happened)(struct endpoint *endpoint, long event, int error);
    /* Has the lower layer read, for a client's thread that would wait otherwise: 0 if
     * something came at once; WSA_IO_PENDING, then `done->hEvent` is signalled when
     * something came, and `read_done` takes it, `error` being how the request ended;
     * WSAEWOULDBLOCK: it is not for this thread to read. */
    int (*read)(struct endpoint *endpoint, WSAOVERLAPPED *done);
    void (*read_done)(struct endpoint *endpoint, DWORD bytes, int error);
    /* The timer of service_set_timer ran out. */
    void (*expired)(struct endpoint *endpoint);
    /* What holds for the client now: FD_ bits, and WAITS_ bits for what lets a call
     * that is in progress try again. */
    long (*ready)(struct endpoint *endpoint);
    /* Bytes that can be received. */
    DWORD (*available)(struct endpoint *endpoint);

    /* Connect data for the next connection: the caller's (may be NULL) are copied,
     * `callee` (may be NULL) stays the client's and is filled when the connection is
     * made. Returns 0 or WSAEFAULT for too long ones. */
    int (*set_connect_data)(struct endpoint *endpoint,
                            const WSABUF *caller,
                            WSABUF *callee);
    /* Answers a request, whose endpoint stays referenced: accepts it with the callee
     * data, 0 or a code; or refuses it. Without the lock. */
    int (*admit)(struct request *request);
    void (*refuse)(struct request *request);

    /* The client will receive nothing any more. */
    void (*end_reception)(struct endpoint *endpoint);
    /* The client closes, `hard` without a farewell. What remains to be said is said in
     * the background; the endpoint is referenced for that long. */
    void (*close)(struct endpoint *endpoint, bool hard);
};

struct transport {
    int families[2]; /* what WSAPROTOCOL_INFOW says of it; the second may be 0 */
    int type;
    int protocol;
    const struct engine *engine; /* NULL: the lower layer's events are the client's */

    /* 0, or what is wrong with an address of the client: WSAEFAULT (not to be read, or
     * too short), or `wrong_family`. */
    int (*check_name)(const struct endpoint *endpoint,
                      const struct sockaddr *name,
                      int length,
                      int wrong_family);
    /* The longest address, in bytes. */
    int (*name_length)(const struct endpoint *endpoint);
    /* Whether a checked address names nobody. */
    bool (*is_null_name)(const struct sockaddr *name);

    /* A new nonblocking socket of the lower layer for an entry of this transport. */
    int (*open)(const WSAPROTOCOL_INFOW *entry, SOCKET *s);
    /* The own and the other side's address; *length is the room, then what is used. */
    int (*local_name)(struct endpoint *endpoint, struct sockaddr *name, int *length);
    int (*peer_name)(struct endpoint *endpoint, struct sockaddr *name, int *length);

    int (*bind)(struct endpoint *endpoint, const struct sockaddr *name, int length);
    int (*connect)(struct endpoint *endpoint, const struct sockaddr *name, int length);
    /* What became of an attempt: 0, a code, WSAEWOULDBLOCK while it lasts. */
    int (*connect_outcome)(struct endpoint *endpoint);
    /* NULL: the protocol has no connections to accept. */
    int (*listen)(struct endpoint *endpoint, int backlog);
    /* A request at once, with the caller's address, and nonblocking as the listener. */
    int (*accept)(struct endpoint *endpoint, struct request *request);
    /* Fills in the address that was called, of length 0 if it is not known. */
    void (*find_callee)(struct request *request);

    /* At once if `done` is NULL. Else the transfer may be left pending below with
     * WSA_IO_PENDING; `done->hEvent` is then signalled at its end, and everything stays
     * in place until lower.lpWSPGetOverlappedResult has told the result. With an engine
     * `done` is always NULL. */
    int (*send)(struct endpoint *endpoint,
                struct transfer *transfer,
                WSAOVERLAPPED *done);
    int (*receive)(struct endpoint *endpoint,
                   struct transfer *transfer,
                   WSAOVERLAPPED *done);

    /* Receives a datagram with its control data, at once; NULL: it has none. */
    int (*receive_message)(struct endpoint *endpoint, WSAMSG *message, DWORD *bytes);

    /* How the other side has ended the connection: 0, gracefully, or a code. NULL for a
     * protocol without connections. */
    int (*end_code)(struct endpoint *endpoint);

    /* Ends the sending direction; `data` is NULL, or disconnect data to go along, for a
     * protocol that has them; WSAEFAULT for too long ones. */
    int (*disconnect)(struct endpoint *endpoint, const WSABUF *data);
    /* The disconnect data that came from the other side, which stay the transport's and
     * in place until the socket is closed; no bytes if none came. NULL: the protocol
     * has no disconnect data. */
    WSABUF (*inbound_disconnect_data)(struct endpoint *endpoint);
};

extern const struct transport tcp_transport;
extern const struct transport udp_transport;
extern const struct transport isotp_transport;
extern const struct transport isotp_stream_transport;

/* The transport of an entry, or NULL. */
const struct transport *transport_find(const WSAPROTOCOL_INFOW *entry);

#endif
