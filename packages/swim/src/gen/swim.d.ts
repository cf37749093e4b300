import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace patina. */
export namespace patina {

    /** Namespace swim. */
    namespace swim {

        /** Namespace v1. */
        namespace v1 {

            /** State enum. */
            enum State {

                /** ALIVE value */
                ALIVE = 0,

                /** SUSPECT value */
                SUSPECT = 1,

                /** DOWN value */
                DOWN = 2,

                /** LEFT value */
                LEFT = 3
            }

            /**
             * Properties of a Metadata.
             * @deprecated Use patina.swim.v1.Metadata.$Properties instead.
             */
            interface IMetadata extends patina.swim.v1.Metadata.$Properties {
            }

            /** Represents a Metadata. */
            class Metadata {

                /**
                 * Constructs a new Metadata.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Metadata.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Metadata name. */
                name: string;

                /** Metadata region. */
                region: string;

                /** Metadata apiAddress. */
                apiAddress: string;

                /** Metadata tags. */
                tags: { [k: string]: string };

                /** Metadata toldGeneration. */
                toldGeneration: (number|Long);

                /** Metadata toldIncarnation. */
                toldIncarnation: number;

                /** Metadata detailsBytes. */
                detailsBytes: number;

                /** Metadata detailsChecksum. */
                detailsChecksum: number;

                /**
                 * Encodes the specified Metadata message. Does not implicitly {@link patina.swim.v1.Metadata.verify|verify} messages.
                 * @param message Metadata message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Metadata.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Metadata message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Metadata & patina.swim.v1.Metadata.$Shape} Metadata
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Metadata & patina.swim.v1.Metadata.$Shape;
            }

            namespace Metadata {

                /** Properties of a Metadata. */
                interface $Properties {

                    /** Metadata name */
                    name?: (string|null);

                    /** Metadata region */
                    region?: (string|null);

                    /** Metadata apiAddress */
                    apiAddress?: (string|null);

                    /** Metadata tags */
                    tags?: ({ [k: string]: string }|null);

                    /** Metadata toldGeneration */
                    toldGeneration?: (number|Long|null);

                    /** Metadata toldIncarnation */
                    toldIncarnation?: (number|null);

                    /** Metadata detailsBytes */
                    detailsBytes?: (number|null);

                    /** Metadata detailsChecksum */
                    detailsChecksum?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Metadata. */
                type $Shape = patina.swim.v1.Metadata.$Properties;
            }

            /**
             * Properties of a Record.
             * @deprecated Use patina.swim.v1.Record.$Properties instead.
             */
            interface IRecord extends patina.swim.v1.Record.$Properties {
            }

            /** Represents a Record. */
            class Record {

                /**
                 * Constructs a new Record.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Record.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Record actor. */
                actor: Uint8Array;

                /** Record generation. */
                generation: (number|Long);

                /** Record incarnation. */
                incarnation: number;

                /** Record state. */
                state: patina.swim.v1.State;

                /** Record address. */
                address: string;

                /** Record metadata. */
                metadata?: (patina.swim.v1.Metadata.$Properties|null);

                /** Record accusers. */
                accusers: Uint8Array[];

                /** Record ageS. */
                ageS: number;

                /**
                 * Encodes the specified Record message. Does not implicitly {@link patina.swim.v1.Record.verify|verify} messages.
                 * @param message Record message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Record.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Record message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Record & patina.swim.v1.Record.$Shape} Record
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Record & patina.swim.v1.Record.$Shape;
            }

            namespace Record {

                /** Properties of a Record. */
                interface $Properties {

                    /** Record actor */
                    actor?: (Uint8Array|null);

                    /** Record generation */
                    generation?: (number|Long|null);

                    /** Record incarnation */
                    incarnation?: (number|null);

                    /** Record state */
                    state?: (patina.swim.v1.State|null);

                    /** Record address */
                    address?: (string|null);

                    /** Record metadata */
                    metadata?: (patina.swim.v1.Metadata.$Properties|null);

                    /** Record accusers */
                    accusers?: (Uint8Array[]|null);

                    /** Record ageS */
                    ageS?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Record. */
                type $Shape = patina.swim.v1.Record.$Properties;
            }

            /**
             * Properties of a Packet.
             * @deprecated Use patina.swim.v1.Packet.$Properties instead.
             */
            interface IPacket extends patina.swim.v1.Packet.$Properties {
            }

            /** Represents a Packet. */
            class Packet {

                /**
                 * Constructs a new Packet.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Packet.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Packet protocol. */
                protocol: number;

                /** Packet sender. */
                sender?: (patina.swim.v1.Record.$Properties|null);

                /** Packet ping. */
                ping?: (patina.swim.v1.Ping.$Properties|null);

                /** Packet pingReq. */
                pingReq?: (patina.swim.v1.PingReq.$Properties|null);

                /** Packet ack. */
                ack?: (patina.swim.v1.Ack.$Properties|null);

                /** Packet nack. */
                nack?: (patina.swim.v1.Nack.$Properties|null);

                /** Packet gossip. */
                gossip?: (patina.swim.v1.Gossip.$Properties|null);

                /** Packet announce. */
                announce?: (patina.swim.v1.Announce.$Properties|null);

                /** Packet feed. */
                feed?: (patina.swim.v1.Feed.$Properties|null);

                /** Packet digest. */
                digest?: (patina.swim.v1.Digest.$Properties|null);

                /** Packet delta. */
                delta?: (patina.swim.v1.Delta.$Properties|null);

                /** Packet busy. */
                busy?: (patina.swim.v1.Busy.$Properties|null);

                /** Packet pull. */
                pull?: (patina.swim.v1.Pull.$Properties|null);

                /** Packet details. */
                details?: (patina.swim.v1.Details.$Properties|null);

                /** Packet protocolMax. */
                protocolMax: number;

                /** Packet records. */
                records: patina.swim.v1.Record.$Properties[];

                /** Packet body. */
                body?: ("ping"|"pingReq"|"ack"|"nack"|"gossip"|"announce"|"feed"|"digest"|"delta"|"busy"|"pull"|"details");

                /**
                 * Encodes the specified Packet message. Does not implicitly {@link patina.swim.v1.Packet.verify|verify} messages.
                 * @param message Packet message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Packet.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Packet message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Packet & patina.swim.v1.Packet.$Shape} Packet
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Packet & patina.swim.v1.Packet.$Shape;
            }

            namespace Packet {

                /** Properties of a Packet. */
                interface $Properties {

                    /** Packet protocol */
                    protocol?: (number|null);

                    /** Packet sender */
                    sender?: (patina.swim.v1.Record.$Properties|null);

                    /** Packet ping */
                    ping?: (patina.swim.v1.Ping.$Properties|null);

                    /** Packet pingReq */
                    pingReq?: (patina.swim.v1.PingReq.$Properties|null);

                    /** Packet ack */
                    ack?: (patina.swim.v1.Ack.$Properties|null);

                    /** Packet nack */
                    nack?: (patina.swim.v1.Nack.$Properties|null);

                    /** Packet gossip */
                    gossip?: (patina.swim.v1.Gossip.$Properties|null);

                    /** Packet announce */
                    announce?: (patina.swim.v1.Announce.$Properties|null);

                    /** Packet feed */
                    feed?: (patina.swim.v1.Feed.$Properties|null);

                    /** Packet digest */
                    digest?: (patina.swim.v1.Digest.$Properties|null);

                    /** Packet delta */
                    delta?: (patina.swim.v1.Delta.$Properties|null);

                    /** Packet busy */
                    busy?: (patina.swim.v1.Busy.$Properties|null);

                    /** Packet pull */
                    pull?: (patina.swim.v1.Pull.$Properties|null);

                    /** Packet details */
                    details?: (patina.swim.v1.Details.$Properties|null);

                    /** Packet protocolMax */
                    protocolMax?: (number|null);

                    /** Packet records */
                    records?: (patina.swim.v1.Record.$Properties[]|null);

                    /** Packet body */
                    body?: ("ping"|"pingReq"|"ack"|"nack"|"gossip"|"announce"|"feed"|"digest"|"delta"|"busy"|"pull"|"details");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a Packet. */
                type $Shape = {
                  protocol?: number|null;
                  sender?: patina.swim.v1.Record.$Shape|null;
                  ping?: patina.swim.v1.Ping.$Shape|null;
                  pingReq?: patina.swim.v1.PingReq.$Shape|null;
                  ack?: patina.swim.v1.Ack.$Shape|null;
                  nack?: patina.swim.v1.Nack.$Shape|null;
                  gossip?: patina.swim.v1.Gossip.$Shape|null;
                  announce?: patina.swim.v1.Announce.$Shape|null;
                  feed?: patina.swim.v1.Feed.$Shape|null;
                  digest?: patina.swim.v1.Digest.$Shape|null;
                  delta?: patina.swim.v1.Delta.$Shape|null;
                  busy?: patina.swim.v1.Busy.$Shape|null;
                  pull?: patina.swim.v1.Pull.$Shape|null;
                  details?: patina.swim.v1.Details.$Shape|null;
                  protocolMax?: number|null;
                  records?: patina.swim.v1.Record.$Shape[]|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "ping"; ping: patina.swim.v1.Ping.$Shape; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "pingReq"; ping?: null; pingReq: patina.swim.v1.PingReq.$Shape; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "ack"; ping?: null; pingReq?: null; ack: patina.swim.v1.Ack.$Shape; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "nack"; ping?: null; pingReq?: null; ack?: null; nack: patina.swim.v1.Nack.$Shape; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "gossip"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip: patina.swim.v1.Gossip.$Shape; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "announce"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce: patina.swim.v1.Announce.$Shape; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "feed"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed: patina.swim.v1.Feed.$Shape; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "digest"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest: patina.swim.v1.Digest.$Shape; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "delta"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta: patina.swim.v1.Delta.$Shape; busy?: null; pull?: null; details?: null }|{ body?: "busy"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy: patina.swim.v1.Busy.$Shape; pull?: null; details?: null }|{ body?: "pull"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull: patina.swim.v1.Pull.$Shape; details?: null }|{ body?: "details"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details: patina.swim.v1.Details.$Shape })
                );
            }

            /**
             * Properties of a Ping.
             * @deprecated Use patina.swim.v1.Ping.$Properties instead.
             */
            interface IPing extends patina.swim.v1.Ping.$Properties {
            }

            /** Represents a Ping. */
            class Ping {

                /**
                 * Constructs a new Ping.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Ping.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ping probe. */
                probe: number;

                /** Ping target. */
                target: Uint8Array;

                /**
                 * Encodes the specified Ping message. Does not implicitly {@link patina.swim.v1.Ping.verify|verify} messages.
                 * @param message Ping message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Ping.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Ping message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Ping & patina.swim.v1.Ping.$Shape} Ping
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Ping & patina.swim.v1.Ping.$Shape;
            }

            namespace Ping {

                /** Properties of a Ping. */
                interface $Properties {

                    /** Ping probe */
                    probe?: (number|null);

                    /** Ping target */
                    target?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Ping. */
                type $Shape = patina.swim.v1.Ping.$Properties;
            }

            /**
             * Properties of a PingReq.
             * @deprecated Use patina.swim.v1.PingReq.$Properties instead.
             */
            interface IPingReq extends patina.swim.v1.PingReq.$Properties {
            }

            /** Represents a PingReq. */
            class PingReq {

                /**
                 * Constructs a new PingReq.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.PingReq.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** PingReq probe. */
                probe: number;

                /** PingReq target. */
                target: Uint8Array;

                /**
                 * Encodes the specified PingReq message. Does not implicitly {@link patina.swim.v1.PingReq.verify|verify} messages.
                 * @param message PingReq message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.PingReq.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a PingReq message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.PingReq & patina.swim.v1.PingReq.$Shape} PingReq
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.PingReq & patina.swim.v1.PingReq.$Shape;
            }

            namespace PingReq {

                /** Properties of a PingReq. */
                interface $Properties {

                    /** PingReq probe */
                    probe?: (number|null);

                    /** PingReq target */
                    target?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a PingReq. */
                type $Shape = patina.swim.v1.PingReq.$Properties;
            }

            /**
             * Properties of an Ack.
             * @deprecated Use patina.swim.v1.Ack.$Properties instead.
             */
            interface IAck extends patina.swim.v1.Ack.$Properties {
            }

            /** Represents an Ack. */
            class Ack {

                /**
                 * Constructs a new Ack.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Ack.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ack probe. */
                probe: number;

                /** Ack coordinate. */
                coordinate: Uint8Array;

                /**
                 * Encodes the specified Ack message. Does not implicitly {@link patina.swim.v1.Ack.verify|verify} messages.
                 * @param message Ack message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Ack message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Ack & patina.swim.v1.Ack.$Shape} Ack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Ack & patina.swim.v1.Ack.$Shape;
            }

            namespace Ack {

                /** Properties of an Ack. */
                interface $Properties {

                    /** Ack probe */
                    probe?: (number|null);

                    /** Ack coordinate */
                    coordinate?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Ack. */
                type $Shape = patina.swim.v1.Ack.$Properties;
            }

            /**
             * Properties of a Nack.
             * @deprecated Use patina.swim.v1.Nack.$Properties instead.
             */
            interface INack extends patina.swim.v1.Nack.$Properties {
            }

            /** Represents a Nack. */
            class Nack {

                /**
                 * Constructs a new Nack.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Nack.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Nack probe. */
                probe: number;

                /**
                 * Encodes the specified Nack message. Does not implicitly {@link patina.swim.v1.Nack.verify|verify} messages.
                 * @param message Nack message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Nack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Nack message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Nack & patina.swim.v1.Nack.$Shape} Nack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Nack & patina.swim.v1.Nack.$Shape;
            }

            namespace Nack {

                /** Properties of a Nack. */
                interface $Properties {

                    /** Nack probe */
                    probe?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Nack. */
                type $Shape = patina.swim.v1.Nack.$Properties;
            }

            /**
             * Properties of a Gossip.
             * @deprecated Use patina.swim.v1.Gossip.$Properties instead.
             */
            interface IGossip extends patina.swim.v1.Gossip.$Properties {
            }

            /** Represents a Gossip. */
            class Gossip {

                /**
                 * Constructs a new Gossip.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Gossip.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Encodes the specified Gossip message. Does not implicitly {@link patina.swim.v1.Gossip.verify|verify} messages.
                 * @param message Gossip message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Gossip.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Gossip message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Gossip & patina.swim.v1.Gossip.$Shape} Gossip
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Gossip & patina.swim.v1.Gossip.$Shape;
            }

            namespace Gossip {

                /** Properties of a Gossip. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Gossip. */
                type $Shape = patina.swim.v1.Gossip.$Properties;
            }

            /**
             * Properties of an Announce.
             * @deprecated Use patina.swim.v1.Announce.$Properties instead.
             */
            interface IAnnounce extends patina.swim.v1.Announce.$Properties {
            }

            /** Represents an Announce. */
            class Announce {

                /**
                 * Constructs a new Announce.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Announce.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Announce padding. */
                padding: Uint8Array;

                /**
                 * Encodes the specified Announce message. Does not implicitly {@link patina.swim.v1.Announce.verify|verify} messages.
                 * @param message Announce message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Announce.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Announce message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Announce & patina.swim.v1.Announce.$Shape} Announce
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Announce & patina.swim.v1.Announce.$Shape;
            }

            namespace Announce {

                /** Properties of an Announce. */
                interface $Properties {

                    /** Announce padding */
                    padding?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Announce. */
                type $Shape = patina.swim.v1.Announce.$Properties;
            }

            /**
             * Properties of a Feed.
             * @deprecated Use patina.swim.v1.Feed.$Properties instead.
             */
            interface IFeed extends patina.swim.v1.Feed.$Properties {
            }

            /** Represents a Feed. */
            class Feed {

                /**
                 * Constructs a new Feed.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Feed.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Encodes the specified Feed message. Does not implicitly {@link patina.swim.v1.Feed.verify|verify} messages.
                 * @param message Feed message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Feed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Feed message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Feed & patina.swim.v1.Feed.$Shape} Feed
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Feed & patina.swim.v1.Feed.$Shape;
            }

            namespace Feed {

                /** Properties of a Feed. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Feed. */
                type $Shape = patina.swim.v1.Feed.$Properties;
            }

            /**
             * Properties of a Digest.
             * @deprecated Use patina.swim.v1.Digest.$Properties instead.
             */
            interface IDigest extends patina.swim.v1.Digest.$Properties {
            }

            /** Represents a Digest. */
            class Digest {

                /**
                 * Constructs a new Digest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Digest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Digest exchange. */
                exchange: number;

                /** Digest hashes. */
                hashes: Uint8Array;

                /**
                 * Encodes the specified Digest message. Does not implicitly {@link patina.swim.v1.Digest.verify|verify} messages.
                 * @param message Digest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Digest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Digest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Digest & patina.swim.v1.Digest.$Shape} Digest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Digest & patina.swim.v1.Digest.$Shape;
            }

            namespace Digest {

                /** Properties of a Digest. */
                interface $Properties {

                    /** Digest exchange */
                    exchange?: (number|null);

                    /** Digest hashes */
                    hashes?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Digest. */
                type $Shape = patina.swim.v1.Digest.$Properties;
            }

            /**
             * Properties of a Delta.
             * @deprecated Use patina.swim.v1.Delta.$Properties instead.
             */
            interface IDelta extends patina.swim.v1.Delta.$Properties {
            }

            /** Represents a Delta. */
            class Delta {

                /**
                 * Constructs a new Delta.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Delta.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Delta exchange. */
                exchange: number;

                /** Delta wanted. */
                wanted: Uint8Array;

                /**
                 * Encodes the specified Delta message. Does not implicitly {@link patina.swim.v1.Delta.verify|verify} messages.
                 * @param message Delta message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Delta.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Delta message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Delta & patina.swim.v1.Delta.$Shape} Delta
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Delta & patina.swim.v1.Delta.$Shape;
            }

            namespace Delta {

                /** Properties of a Delta. */
                interface $Properties {

                    /** Delta exchange */
                    exchange?: (number|null);

                    /** Delta wanted */
                    wanted?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Delta. */
                type $Shape = patina.swim.v1.Delta.$Properties;
            }

            /**
             * Properties of a Pull.
             * @deprecated Use patina.swim.v1.Pull.$Properties instead.
             */
            interface IPull extends patina.swim.v1.Pull.$Properties {
            }

            /** Represents a Pull. */
            class Pull {

                /**
                 * Constructs a new Pull.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Pull.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Pull exchange. */
                exchange: number;

                /**
                 * Encodes the specified Pull message. Does not implicitly {@link patina.swim.v1.Pull.verify|verify} messages.
                 * @param message Pull message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Pull.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Pull message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Pull & patina.swim.v1.Pull.$Shape} Pull
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Pull & patina.swim.v1.Pull.$Shape;
            }

            namespace Pull {

                /** Properties of a Pull. */
                interface $Properties {

                    /** Pull exchange */
                    exchange?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Pull. */
                type $Shape = patina.swim.v1.Pull.$Properties;
            }

            /**
             * Properties of a Details.
             * @deprecated Use patina.swim.v1.Details.$Properties instead.
             */
            interface IDetails extends patina.swim.v1.Details.$Properties {
            }

            /** Represents a Details. */
            class Details {

                /**
                 * Constructs a new Details.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Details.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Details exchange. */
                exchange: number;

                /** Details bytes. */
                bytes: Uint8Array;

                /** Details retryAfterMs. */
                retryAfterMs: number;

                /**
                 * Encodes the specified Details message. Does not implicitly {@link patina.swim.v1.Details.verify|verify} messages.
                 * @param message Details message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Details.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Details message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Details & patina.swim.v1.Details.$Shape} Details
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Details & patina.swim.v1.Details.$Shape;
            }

            namespace Details {

                /** Properties of a Details. */
                interface $Properties {

                    /** Details exchange */
                    exchange?: (number|null);

                    /** Details bytes */
                    bytes?: (Uint8Array|null);

                    /** Details retryAfterMs */
                    retryAfterMs?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Details. */
                type $Shape = patina.swim.v1.Details.$Properties;
            }

            /**
             * Properties of a Busy.
             * @deprecated Use patina.swim.v1.Busy.$Properties instead.
             */
            interface IBusy extends patina.swim.v1.Busy.$Properties {
            }

            /** Represents a Busy. */
            class Busy {

                /**
                 * Constructs a new Busy.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.swim.v1.Busy.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Busy exchange. */
                exchange: number;

                /** Busy retryAfterMs. */
                retryAfterMs: number;

                /**
                 * Encodes the specified Busy message. Does not implicitly {@link patina.swim.v1.Busy.verify|verify} messages.
                 * @param message Busy message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.swim.v1.Busy.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Busy message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Busy & patina.swim.v1.Busy.$Shape} Busy
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.swim.v1.Busy & patina.swim.v1.Busy.$Shape;
            }

            namespace Busy {

                /** Properties of a Busy. */
                interface $Properties {

                    /** Busy exchange */
                    exchange?: (number|null);

                    /** Busy retryAfterMs */
                    retryAfterMs?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Busy. */
                type $Shape = patina.swim.v1.Busy.$Properties;
            }
        }
    }
}
