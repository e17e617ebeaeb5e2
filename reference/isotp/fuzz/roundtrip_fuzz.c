/* TPDUs and addresses made up from the input: what can be written must read the same.
 */
#include "fuzz.h"
#include "nsap.h"
#include "tp_address.h"
#include "tpkt.h"

#include <string.h>

/* Octets with a length in front, absent if that is 255. */
static struct octets read_field(struct octet_reader *reader)
{
    uint8_t length = read_octet(reader);

    if (length == UINT8_MAX)
        return octets_of(NULL, 0);
    return read_octets(reader, octets_front(reader->left, length).length);
}

/* Only what the type has, or else it would not come back. */
static void read_fields(struct octet_reader *reader, struct tpdu *tpdu)
{
    bool opens = tpdu->type == TPDU_CR || tpdu->type == TPDU_CC;

    if (opens) {
        tpdu->credit = read_octet(reader) & 0xF;
        tpdu->class_option = read_octet(reader);
        tpdu->size = read_number(reader, 3);
        tpdu->preferred = read_number(reader, 2) * TPDU_PREFERRED_UNIT;
        tpdu->has_additional = read_octet(reader) & 1;
        tpdu->additional = tpdu->has_additional ? read_octet(reader) : 0;
        tpdu->calling = read_field(reader);
        tpdu->called = read_field(reader);
    }
    if (tpdu->type == TPDU_CR)
        tpdu->alternatives = read_field(reader);
    if (tpdu->type == TPDU_DR) {
        tpdu->reason = read_octet(reader);
        tpdu->information = read_field(reader);
    }
    if (tpdu->type == TPDU_DT) {
        tpdu->number = read_octet(reader) & 0x7F;
        tpdu->last = read_octet(reader) & 1;
    } else {
        tpdu->source = (uint16_t)read_number(reader, 2);
    }
    tpdu->data = reader->left;
}

static void check_tpdu(struct octet_reader reader)
{
    static const enum tpdu_type types[] = {
        TPDU_CR, TPDU_CC, TPDU_DR, TPDU_DC, TPDU_DT, TPDU_ED, TPDU_NONE};
    static uint8_t room[TPKT_TPDU_MAX];
    uint8_t choice = read_octet(&reader);
    size_t size = choice & 0x40 ? read_octet(&reader) : sizeof room;
    struct octet_writer writer = {.at = room, .size = size};
    enum tpdu_format format = choice & 0x80 ? TPDU_CLASS_0 : TPDU_CLASS_2;
    struct tpdu tpdu = {.type = types[(choice & 0x3F) % 7]};
    struct tpdu again;

    if (tpdu.type != TPDU_DT || format == TPDU_CLASS_2)
        tpdu.destination = (uint16_t)read_number(&reader, 2);
    read_fields(&reader, &tpdu);
    if (tpdu_encode(&writer, &tpdu, format) != TPDU_OK)
        return;
    CHECK(writer.length <= size);
    CHECK(tpdu_decode(octets_of(room, writer.length), format, &again) == TPDU_OK);
    CHECK(fuzz_same(&tpdu, &again));
}

static void check_nsap(struct octet_reader reader)
{
    uint8_t room[NSAP_INET_MAX];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    struct nsap_inet inet = {.port = NSAP_PORT, .set = NSAP_SET_TCP};
    struct nsap_inet again;
    uint8_t choice = read_octet(&reader);

    write_number(&(struct octet_writer){.at = inet.address, .size = 4},
                 read_number(&reader, 4),
                 4);
    inet.has_port = choice & 1;
    inet.has_set = inet.has_port && (choice & 2);
    if (inet.has_port)
        inet.port = (uint16_t)read_number(&reader, 2);
    if (inet.has_set)
        inet.set = (uint16_t)read_number(&reader, 2);
    CHECK(nsap_encode(&writer, &inet) == NSAP_OK);
    CHECK(nsap_decode(octets_of(room, writer.length), &again) == NSAP_OK);
    CHECK(octets_equal(octets_of(inet.address, 4), octets_of(again.address, 4)));
    CHECK(inet.has_port == again.has_port && inet.has_set == again.has_set);
    CHECK(inet.port == again.port && inet.set == again.set);
}

static void check_address(struct octet_reader reader)
{
    uint8_t room[TP_ADDRESS_TEXT_MAX];
    struct octet_writer writer = {.at = room, .size = sizeof room};
    struct octets selector = octets_front(read_field(&reader), TPDU_SELECTOR_MAX);
    struct octets nsap = octets_front(reader.left, NSAP_MAX);
    struct tp_address address = {.selector_length = selector.length,
                                 .nsap_length = nsap.length};
    struct tp_address again;

    octets_copy(address.selector, selector);
    octets_copy(address.nsap, nsap);
    CHECK(tp_address_format(&writer, &address) == TP_ADDRESS_OK);
    CHECK(tp_address_parse(octets_of(room, writer.length), &again) == TP_ADDRESS_OK);
    CHECK(memcmp(&address, &again, sizeof address) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct octet_reader reader = {.left = octets_of(data, size)};

    check_tpdu(reader);
    check_nsap(reader);
    check_address(reader);
    return 0;
}
