/* ISO transport over TCP as a transport of the core: X.224 class 2 on a TCP socket of
 * the lower layer. The protocol itself is a circuit (isotp/); this moves its octets,
 * keeps its queues and timers, and gives it the shape of a socket.
 *
 * Everything here wants the endpoint's lock held unless it says something else. */
#ifndef WSPREF_ISOTP_H
#define WSPREF_ISOTP_H

#include "circuit.h"
#include "endpoint.h"
#include "tp_address.h"
#include "tsdu_queue.h"

#include <wshisotp.h>

/* The longest message that can be sent or received as a whole, in octets. */
enum { ISOTP_MESSAGE_MAX = 262144 };

/* Requests to connect. */
struct isotp_listener {
    struct endpoint *first; /* callers, each with a reference, oldest first */
    struct endpoint *last;
    unsigned half_open; /* of which so many have not said what they want */
    unsigned called;    /* and so many have, and wait to be accepted */
    unsigned backlog;
};

/* State of an endpoint. */
struct isotp {
    struct circuit circuit;
    bool connecting; /* the TCP connection is not made yet */
    int outcome;     /* of the attempt to connect; WSAEWOULDBLOCK while it lasts */
    bool unusable;   /* the attempt has failed, and its TCP socket with it */
    bool finished;   /* our direction of the TCP connection is ended */
    bool input_over; /* nothing comes from it any more */
    bool background; /* the client has closed; holds a reference of the endpoint */
    bool ended;      /* the connection, with this code */
    int end_code;    /* 0: gracefully */
    bool discarding; /* nobody receives any more */
    bool starved;    /* the queue was full when more could have been read */
    bool reading;    /* a thread of the client has the lower layer read for it, */
    char *read_memory;
    DWORD read_flags;
    bool due;       /* and others would have read meanwhile */
    unsigned reads; /* such reads since the last decision about the next: */
    bool resting;   /* the service thread need not: the client reads all the time */
    enum circuit_timer timer;

    struct tsdu_queue queue;
    uint8_t *memory; /* of the queue; NULL until data come */
    uint8_t *rest;   /* of a message, that TCP has not taken yet; NULL: none */
    size_t rest_length;
    size_t rest_sent;

    struct tp_address local; /* selector and NSAP of WSPBind */
    struct tp_address peer;  /* of WSPConnect, or the caller's selector */
    bool bound;

    uint8_t connect_data[TPDU_CONNECT_DATA_MAX]; /* the caller's */
    size_t connect_length;
    WSABUF *callee; /* the client's, filled when the connection is made; NULL: none */
    uint8_t disconnect_data[TPDU_DISCONNECT_DATA_MAX]; /* of the peer */
    size_t disconnect_length;

    struct isotp_listener listener;
    /* Of a caller that is in a listener's list: guarded by isotp_lock. */
    struct endpoint *called_at; /* the listener; NULL: in no list */
    struct endpoint *next_caller;
    bool has_called; /* and so it is an answer that is due */
    struct endpoint *next_background;
};

/* Guards lists of callers and of the background; taken with an endpoint's lock held. */
extern CRITICAL_SECTION isotp_lock;

static inline struct isotp *isotp_of(const struct endpoint *endpoint)
{
    return endpoint->protocol;
}

/* isotp.c: moves what can be moved between the lower socket, the circuit and the
 * queues, and draws the consequences. */
void isotp_drive(struct endpoint *endpoint);
/* What an event of the circuit means here. */
void isotp_take_event(struct endpoint *endpoint, const struct circuit_event *event);
/* The circuit is over at once, without a word. */
void isotp_abort(struct endpoint *endpoint);

/* isotp_send.c: gives TCP what the circuit has to say. */
void isotp_write(struct endpoint *endpoint);
int isotp_send(struct endpoint *endpoint,
               struct transfer *transfer,
               WSAOVERLAPPED *done);
bool isotp_can_send(const struct endpoint *endpoint);

/* isotp_read.c: gives the circuit what TCP has. */
/* Memory for the queue; false if there is none. It is given back when the queue is
 * empty. */
bool isotp_make_queue(struct isotp *isotp);
void isotp_empty_queue(struct isotp *isotp);
/* None is in use any more. */
void isotp_free_queues(void);
void isotp_read(struct endpoint *endpoint);
/* A client's thread reads. */
int isotp_begin_reading(struct endpoint *endpoint, WSAOVERLAPPED *done);
void isotp_reading_done(struct endpoint *endpoint, DWORD bytes, int error);
/* The service thread reads again, from now on or if the client has ceased to. */
void isotp_end_rest(struct endpoint *endpoint);
void isotp_rest_expired(struct endpoint *endpoint);

/* isotp_receive.c: gives the client what the circuit has brought. */
int isotp_receive(struct endpoint *endpoint,
                  struct transfer *transfer,
                  WSAOVERLAPPED *done);
/* A reception of a plain message (or a part of the stream) would bring something. */
bool isotp_can_receive(const struct endpoint *endpoint);
DWORD isotp_available(struct endpoint *endpoint);
/* Drops what is queued, and what comes. */
void isotp_end_reception(struct endpoint *endpoint);

/* isotp_connect.c */
int isotp_open(const WSAPROTOCOL_INFOW *entry, SOCKET *s);
int isotp_bind(struct endpoint *endpoint, const struct sockaddr *name, int length);
int isotp_set_connect_data(struct endpoint *endpoint,
                           const WSABUF *caller,
                           WSABUF *callee);
int isotp_connect(struct endpoint *endpoint, const struct sockaddr *name, int length);
int isotp_connect_outcome(struct endpoint *endpoint);
/* Takes the answer to our CR, or the failure to get one. */
void isotp_connect_answered(struct endpoint *endpoint,
                            const struct circuit_event *event);
/* The TCP connection is made, or not. */
void isotp_tcp_connected(struct endpoint *endpoint, int error);
/* After a failed attempt: another one can be made. */
void isotp_renew(struct endpoint *endpoint);
/* A new circuit for the endpoint: 0 or WSAENOBUFS. */
int isotp_renew_circuit(struct endpoint *endpoint);

/* isotp_accept.c */
int isotp_listen(struct endpoint *listener, int backlog);
int isotp_accept(struct endpoint *listener, struct request *request);
void isotp_find_callee(struct request *request);
/* Takes in what has come from below; `event` is FD_ACCEPT if the lower layer has
 * announced it, else 0. */
void isotp_take_callers(struct endpoint *listener, long event);
/* A caller's CR has come. */
void isotp_called(struct endpoint *caller, const struct circuit_event *event);
/* Takes a caller off its listener's list, if it is on one. */
void isotp_forget_caller(struct endpoint *caller);
/* The listener closes. */
void isotp_drop_callers(struct endpoint *listener);
int isotp_admit(struct request *request);
void isotp_refuse(struct request *request);

/* isotp_release.c */
int isotp_disconnect(struct endpoint *endpoint, const WSABUF *data);
WSABUF isotp_inbound_disconnect_data(struct endpoint *endpoint);
int isotp_end_code(struct endpoint *endpoint);
/* The codes for the ways in which a connection ends. */
int isotp_code_of_reason(uint8_t reason);
int isotp_code_of_fault(enum circuit_fault fault);
void isotp_close(struct endpoint *endpoint, bool hard);
/* After each step: ends the TCP connection, the background, the timers. */
void isotp_finish(struct endpoint *endpoint);
void isotp_expired(struct endpoint *endpoint);
/* For WSPCleanup, when the service thread has ended: nothing stays in the background.
 */
void isotp_stop(void);

/* isotp_name.c: SOCKADDR_TP. */
int isotp_check_name(const struct endpoint *endpoint,
                     const struct sockaddr *name,
                     int length,
                     int wrong_family);
int isotp_name_length(const struct endpoint *endpoint);
bool isotp_is_null_name(const struct sockaddr *name);
int isotp_local_name(struct endpoint *endpoint, struct sockaddr *name, int *length);
int isotp_peer_name(struct endpoint *endpoint, struct sockaddr *name, int *length);
/* From a checked name; back again, with *length as the room and then what is used. */
void isotp_get_address(const struct sockaddr *name, struct tp_address *address);
int isotp_put_address(const struct tp_address *address,
                      struct sockaddr *name,
                      int *length);
/* The TCP side of an address. WSAEADDRNOTAVAIL for a network that TCP does not reach.
 */
int isotp_inet_of(const struct tp_address *address, struct sockaddr_in *inet);

/* isotp_string.c: for WSPAddressToString and WSPStringToAddress; no lock. */
int isotp_to_string(const struct sockaddr *name,
                    DWORD length,
                    WCHAR *text,
                    DWORD *text_length);
int isotp_from_string(const WCHAR *text, struct sockaddr *name, int *length);

/* isotp_reference.c: numbers of circuits, unique in the process; no lock. 0: none is
 * left. */
uint16_t isotp_take_reference(void);
void isotp_give_reference(uint16_t reference);

/* For DllMain. */
void isotp_initialize(void);
void isotp_delete(void);

#endif
