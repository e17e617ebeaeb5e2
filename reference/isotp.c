#include "isotp.h"

#include "inet.h"
#include "lower.h"
#include "memory.h"
#include "registry.h"
#include "service.h"
#include "timer.h"

CRITICAL_SECTION isotp_lock;

void isotp_initialize(void)
{
    InitializeCriticalSection(&isotp_lock);
}

void isotp_delete(void)
{
    DeleteCriticalSection(&isotp_lock);
}

/* --- The state ------------------------------------------------------------------- */

/* Small packets go at once: a DR or DC is the last word of its side. */
static int create(struct endpoint *endpoint)
{
    struct isotp *isotp = memory_allocate(sizeof *isotp);
    int on = 1;
    int error;

    if (!isotp)
        return WSAENOBUFS;
    endpoint->protocol = isotp;
    error = isotp_renew_circuit(endpoint);
    if (error) {
        memory_free(isotp);
        return error;
    }
    lower.lpWSPSetSockOpt(
        endpoint->lower, IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof on, &error);
    return 0;
}

static void destroy(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    isotp_give_reference(isotp->circuit.setup.reference);
    memory_free(isotp->memory);
    memory_free(isotp->rest);
    memory_free(isotp);
}

/* --- Driving --------------------------------------------------------------------- */

static void end(struct isotp *isotp, int code)
{
    if (!isotp->ended)
        isotp->end_code = code;
    isotp->ended = true;
}

static void take_farewell(struct isotp *isotp, const struct circuit_event *event)
{
    octets_copy(isotp->disconnect_data, event->data);
    isotp->disconnect_length = event->data.length;
    end(isotp, isotp_code_of_reason(event->reason));
}

/* That there is room in the queue was made sure before the octets were read. */
static void take_data(struct endpoint *endpoint, const struct circuit_event *event)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (isotp->discarding)
        return;
    if (isotp_make_queue(isotp)) {
        tsdu_queue_put(&isotp->queue, event->data, event->complete);
    } else {
        end(isotp, WSAENOBUFS);
        isotp_abort(endpoint);
    }
}

void isotp_take_event(struct endpoint *endpoint, const struct circuit_event *event)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (isotp->outcome == WSAEWOULDBLOCK && event->type != CIRCUIT_NOTHING) {
        isotp_connect_answered(endpoint, event);
        return;
    }
    switch (event->type) {
    case CIRCUIT_CALL:
        isotp_called(endpoint, event);
        break;
    case CIRCUIT_DATA:
        take_data(endpoint, event);
        break;
    case CIRCUIT_DISCONNECTED:
        take_farewell(isotp, event);
        break;
    case CIRCUIT_RELEASED:
        end(isotp, 0);
        break;
    case CIRCUIT_FAILED:
        end(isotp, isotp_code_of_fault(event->fault));
        break;
    default:
        break;
    }
}

void isotp_drive(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    int error;

    if (endpoint->state == ENDPOINT_LISTENING)
        return;
    if (isotp->connecting) {
        error = inet_connect_outcome(endpoint);
        if (error != WSAEWOULDBLOCK)
            isotp_tcp_connected(endpoint, error);
    }
    if (!isotp->connecting && !isotp->unusable) {
        isotp_write(endpoint);
        isotp_read(endpoint);
        isotp_write(endpoint); /* what came may want an answer */
    }
    isotp_finish(endpoint);
    if (isotp->unusable)
        isotp_renew(endpoint);
}

void isotp_abort(struct endpoint *endpoint)
{
    struct circuit_event event;

    circuit_lose(&isotp_of(endpoint)->circuit, &event);
    isotp_of(endpoint)->input_over = true;
    isotp_take_event(endpoint, &event);
}

/* --- What the core wants to know ------------------------------------------------- */

static long needs(const struct endpoint *endpoint, long wanted)
{
    const struct isotp *isotp = isotp_of(endpoint);

    switch (endpoint->state) {
    case ENDPOINT_LISTENING:
        return FD_ACCEPT;
    case ENDPOINT_OPEN:
        if (!isotp->called_at && !isotp->background)
            return 0;
        break;
    default:
        break;
    }
    if (isotp->resting && !(wanted & (FD_READ | FD_CLOSE)))
        return FD_CONNECT | FD_WRITE | FD_CLOSE;
    return FD_CONNECT | FD_READ | FD_WRITE | FD_CLOSE;
}

static void happened(struct endpoint *endpoint, long event, int error)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (endpoint->state == ENDPOINT_LISTENING) {
        if (!endpoint->closing)
            isotp_take_callers(endpoint, event);
        return;
    }
    if (event == FD_CONNECT && error)
        isotp_tcp_connected(endpoint, error);
    /* One that was not begun or has failed has nothing to do with us any more. */
    if (isotp->circuit.state == CIRCUIT_IDLE && !isotp->called_at && !isotp->unusable)
        return;
    isotp_drive(endpoint);
}

static long ready(struct endpoint *endpoint)
{
    const struct isotp *isotp = isotp_of(endpoint);
    bool data = tsdu_queue_front(&isotp->queue, &(struct tsdu_front){0});
    long mask = 0;

    if (endpoint->state == ENDPOINT_LISTENING)
        return isotp->listener.called || endpoint->head ? FD_ACCEPT : 0;
    if (endpoint->state != ENDPOINT_CONNECTED)
        return 0;
    if (isotp_can_receive(endpoint))
        mask |= FD_READ | WAITS_TO_RECEIVE;
    else if (isotp->ended)
        mask |= FD_CLOSE | WAITS_TO_RECEIVE;
    else if (data)
        mask |= WAITS_TO_RECEIVE;
    if (isotp_can_send(endpoint))
        mask |= FD_WRITE | WAITS_TO_SEND;
    return mask;
}

static const struct engine engine = {
    .create = create,
    .destroy = destroy,
    .needs = needs,
    .happened = happened,
    .read = isotp_begin_reading,
    .read_done = isotp_reading_done,
    .expired = isotp_expired,
    .ready = ready,
    .available = isotp_available,
    .set_connect_data = isotp_set_connect_data,
    .admit = isotp_admit,
    .refuse = isotp_refuse,
    .end_reception = isotp_end_reception,
    .close = isotp_close,
};

#define ISOTP_TRANSPORT(socket_type) \
    { \
        .families = {AF_ISO, AF_ISO}, .type = (socket_type), .protocol = ISOPROTO_TP2, \
        .engine = &engine, .check_name = isotp_check_name, \
        .name_length = isotp_name_length, .is_null_name = isotp_is_null_name, \
        .open = isotp_open, .local_name = isotp_local_name, \
        .peer_name = isotp_peer_name, .bind = isotp_bind, .connect = isotp_connect, \
        .connect_outcome = isotp_connect_outcome, .listen = isotp_listen, \
        .accept = isotp_accept, .find_callee = isotp_find_callee, .send = isotp_send, \
        .receive = isotp_receive, .end_code = isotp_end_code, \
        .disconnect = isotp_disconnect, \
        .inbound_disconnect_data = isotp_inbound_disconnect_data, \
    }

const struct transport isotp_transport = ISOTP_TRANSPORT(SOCK_SEQPACKET);
const struct transport isotp_stream_transport = ISOTP_TRANSPORT(SOCK_STREAM);
