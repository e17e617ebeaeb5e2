/* The calling side, and what both sides begin with. */
#include "inet.h"
#include "isotp.h"
#include "lower.h"
#include "memory.h"
#include "registry.h"
#include "service.h"

/* --- The lower socket ------------------------------------------------------------ */

int isotp_open(const WSAPROTOCOL_INFOW *entry, SOCKET *s)
{
    WSAPROTOCOL_INFOW tcp = {
        .dwServiceFlags1 = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER |
                           XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA,
        .iAddressFamily = AF_INET,
        .iSocketType = SOCK_STREAM,
        .iProtocol = IPPROTO_TCP,
        .iMaxSockAddr = sizeof(struct sockaddr_in),
        .iMinSockAddr = sizeof(struct sockaddr_in),
    };

    (void)entry;
    return inet_open(&tcp, s);
}

int isotp_bind(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct tp_address address;
    struct sockaddr_in inet;
    int error;

    (void)length;
    isotp_get_address(name, &address);
    error = isotp_inet_of(&address, &inet);
    if (!error)
        error = inet_bind(endpoint, (struct sockaddr *)&inet, sizeof inet);
    if (error)
        return error;
    EnterCriticalSection(&endpoint->lock);
    isotp->local = address;
    isotp->bound = true;
    LeaveCriticalSection(&endpoint->lock);
    return 0;
}

/* After a failure a TCP socket is good for nothing; the client's is as before. */
static void renew_lower(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct sockaddr_in inet;
    int size = sizeof inet;
    int unbound = inet_local_name(endpoint, (struct sockaddr *)&inet, &size);
    SOCKET fresh;

    if (isotp_open(endpoint->entry, &fresh))
        return;
    lower_close(registry_replace_lower(endpoint, fresh));
    endpoint->armed = 0;
    if (isotp->bound && !unbound)
        inet_bind(endpoint, (struct sockaddr *)&inet, sizeof inet);
    isotp->input_over = false;
    isotp->finished = false;
}

int isotp_renew_circuit(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct circuit_setup setup = {
        .reference = isotp->circuit.setup.reference,
        .terms = {.classes = NEGOTIATION_CLASS_2 | NEGOTIATION_CLASS_0,
                  .tpdu_size = TPDU_SIZE_MAX},
    };

    if (!setup.reference)
        setup.reference = isotp_take_reference();
    if (!setup.reference)
        return WSAENOBUFS;
    circuit_init(&isotp->circuit, &setup);
    return 0;
}

/* --- The attempt ----------------------------------------------------------------- */

int isotp_set_connect_data(struct endpoint *endpoint,
                           const WSABUF *caller,
                           WSABUF *callee)
{
    struct isotp *isotp = isotp_of(endpoint);
    ULONG length = caller ? caller->len : 0;

    if (length > sizeof isotp->connect_data)
        return WSAEFAULT;
    if (length)
        memcpy(isotp->connect_data, caller->buf, length);
    isotp->connect_length = length;
    isotp->callee = callee;
    return 0;
}

static struct octets selector_of(const struct tp_address *address)
{
    if (!address->selector_length)
        return octets_of(NULL, 0);
    return octets_of(address->selector, address->selector_length);
}

int isotp_connect(struct endpoint *endpoint, const struct sockaddr *name, int length)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct sockaddr_in inet;
    int error;

    (void)length;
    isotp_get_address(name, &isotp->peer);
    error = isotp_inet_of(&isotp->peer, &inet);
    if (!error)
        error = isotp_renew_circuit(endpoint);
    if (error)
        return error;
    circuit_call(&isotp->circuit,
                 selector_of(&isotp->local),
                 selector_of(&isotp->peer),
                 octets_of(isotp->connect_data, isotp->connect_length));
    isotp->connecting = true;
    isotp->outcome = WSAEWOULDBLOCK;
    error = inet_connect(endpoint, (struct sockaddr *)&inet, sizeof inet);
    if (error != WSAEWOULDBLOCK)
        isotp_tcp_connected(endpoint, error);
    isotp_finish(endpoint);
    return isotp->outcome;
}

static void conclude(struct isotp *isotp, int error)
{
    isotp->connecting = false;
    isotp->outcome = error;
    isotp->callee = NULL;
    isotp->unusable = error != 0;
}

void isotp_renew(struct endpoint *endpoint)
{
    isotp_of(endpoint)->unusable = false;
    isotp_renew_circuit(endpoint);
    renew_lower(endpoint);
}

void isotp_tcp_connected(struct endpoint *endpoint, int error)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (!isotp->connecting)
        return;
    isotp->connecting = false;
    if (error)
        conclude(isotp, error);
    else
        isotp_write(endpoint);
}

int isotp_connect_outcome(struct endpoint *endpoint)
{
    isotp_drive(endpoint);
    return isotp_of(endpoint)->outcome;
}

/* The callee's data go where the client wants them: 0 or WSAEFAULT. */
static int give_callee_data(WSABUF *callee, struct octets data)
{
    if (!callee)
        return 0;
    if (!memory_writable(callee, sizeof *callee) || callee->len < data.length ||
        !memory_writable(callee->buf, data.length))
        return WSAEFAULT;
    octets_copy((uint8_t *)callee->buf, data);
    callee->len = (ULONG)data.length;
    return 0;
}

static int code_of_refusal(uint8_t reason)
{
    return reason == TPDU_REASON_ADDRESS ? WSAEADDRNOTAVAIL : WSAECONNREFUSED;
}

void isotp_connect_answered(struct endpoint *endpoint,
                            const struct circuit_event *event)
{
    struct isotp *isotp = isotp_of(endpoint);
    int error;

    switch (event->type) {
    case CIRCUIT_CONNECTED:
        error = give_callee_data(isotp->callee, event->data);
        if (error) {
            circuit_disconnect(&isotp->circuit, TPDU_REASON_NORMAL, octets_of(NULL, 0));
            isotp_write(endpoint);
        }
        break;
    case CIRCUIT_REFUSED:
        error = code_of_refusal(event->reason);
        break;
    default:
        isotp_write(endpoint); /* what was wrong with the answer */
        error = event->fault == CIRCUIT_FAULT_TIMEOUT ? WSAETIMEDOUT : WSAECONNREFUSED;
    }
    conclude(isotp, error);
}
