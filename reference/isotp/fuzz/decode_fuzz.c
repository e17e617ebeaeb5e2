/* All decoders on the same octets. What is understood must lie within the input, keep
 * to the limits, and survive being written and read again. */
#include "fuzz.h"
#include "nsap.h"
#include "tp_address.h"
#include "tpkt.h"

#include <string.h>

static bool within(struct octets part, struct octets whole)
{
    return part.at == NULL || (part.at >= whole.at && part.length <= whole.length &&
                               part.at + part.length <= whole.at + whole.length);
}

static void write_again(const struct tpdu *tpdu, enum tpdu_format format)
{
    static uint8_t room[TPKT_TPDU_MAX];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    enum tpdu_error error = tpdu_encode(&writer, tpdu, format);
    struct tpdu again;

    switch (tpdu->type) {
    case TPDU_CR:
    case TPDU_CC:
    case TPDU_DR:
    case TPDU_DC:
    case TPDU_DT:
        CHECK(error == TPDU_OK);
        CHECK(tpdu_decode(octets_of(room, writer.length), format, &again) == TPDU_OK);
        CHECK(fuzz_same(tpdu, &again));
        break;
    default:
        CHECK(error == TPDU_TYPE && writer.length == 0);
    }
}

static bool keeps_to_limits(const struct tpdu *tpdu)
{
    size_t data_max = TPDU_SIZE_MAX;

    if (tpdu->type == TPDU_CR || tpdu->type == TPDU_CC)
        data_max = TPDU_CONNECT_DATA_MAX;
    else if (tpdu->type == TPDU_DR)
        data_max = TPDU_DISCONNECT_DATA_MAX;
    else if (tpdu->type == TPDU_ED)
        data_max = TPDU_EXPEDITED_DATA_MAX;
    else if (tpdu->type != TPDU_DT)
        data_max = 0;
    return tpdu->data.length <= data_max && tpdu->number < 128 &&
           tpdu->calling.length <= TPDU_SELECTOR_MAX &&
           tpdu->called.length <= TPDU_SELECTOR_MAX && tpdu->size <= TPDU_SIZE_MAX &&
           tpdu->preferred <= TPDU_PREFERRED_MAX;
}

static void check_tpdu(struct octets octets, enum tpdu_format format)
{
    struct tpdu tpdu;

    if (octets.length > TPKT_TPDU_MAX || tpdu_decode(octets, format, &tpdu) != TPDU_OK)
        return;
    CHECK(keeps_to_limits(&tpdu));
    CHECK(within(tpdu.calling, octets) && within(tpdu.called, octets));
    CHECK(within(tpdu.alternatives, octets) && within(tpdu.information, octets));
    CHECK(within(tpdu.data, octets));
    write_again(&tpdu, format);
}

static void check_packet(struct octets packet)
{
    size_t length;

    if (tpkt_decode(octets_front(packet, TPKT_HEADER), &length) != TPKT_OK)
        return;
    CHECK(length >= 3 && length <= TPKT_TPDU_MAX);
    packet = octets_front(octets_after(packet, TPKT_HEADER), length);
    check_tpdu(packet, TPDU_CLASS_2);
    check_tpdu(packet, TPDU_CLASS_0);
}

static void check_nsap(struct octets octets)
{
    uint8_t room[NSAP_INET_MAX];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    struct nsap_inet inet;

    if (nsap_decode(octets, &inet) != NSAP_OK)
        return;
    CHECK(nsap_encode(&writer, &inet) == NSAP_OK);
    CHECK(octets_equal(octets, octets_of(room, writer.length)));
}

static void check_text(struct octets text)
{
    uint8_t room[TP_ADDRESS_TEXT_MAX];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    struct tp_address address;
    struct tp_address again;

    if (tp_address_parse(text, &address) != TP_ADDRESS_OK)
        return;
    CHECK(address.selector_length <= TPDU_SELECTOR_MAX);
    CHECK(address.nsap_length <= NSAP_MAX);
    CHECK(tp_address_format(&writer, &address) == TP_ADDRESS_OK);
    CHECK(tp_address_parse(octets_of(room, writer.length), &again) == TP_ADDRESS_OK);
    CHECK(memcmp(&address, &again, sizeof address) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct octets octets = octets_of(data, size);

    check_packet(octets);
    check_tpdu(octets, TPDU_CLASS_2);
    check_tpdu(octets, TPDU_CLASS_0);
    check_nsap(octets);
    check_text(octets);
    return 0;
}
