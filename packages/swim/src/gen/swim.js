/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["patina-swim"] || ($protobuf.roots["patina-swim"] = {});

export const patina = $root.patina = (() => {

    /**
     * Namespace patina.
     * @exports patina
     * @namespace
     */
    const patina = {};

    patina.swim = (function() {

        /**
         * Namespace swim.
         * @memberof patina
         * @namespace
         */
        const swim = {};

        swim.v1 = (function() {

            /**
             * Namespace v1.
             * @memberof patina.swim
             * @namespace
             */
            const v1 = {};

            /**
             * State enum.
             * @name patina.swim.v1.State
             * @enum {number}
             * @property {number} ALIVE=0 ALIVE value
             * @property {number} SUSPECT=1 SUSPECT value
             * @property {number} DOWN=2 DOWN value
             * @property {number} LEFT=3 LEFT value
             */
            v1.State = (function() {
                const valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "ALIVE"] = 0;
                values[valuesById[1] = "SUSPECT"] = 1;
                values[valuesById[2] = "DOWN"] = 2;
                values[valuesById[3] = "LEFT"] = 3;
                return values;
            })();

            v1.Metadata = (function() {

                /**
                 * Properties of a Metadata.
                 * @typedef {Object} patina.swim.v1.Metadata.$Properties
                 * @property {string|null} [name] Metadata name
                 * @property {string|null} [region] Metadata region
                 * @property {string|null} [apiAddress] Metadata apiAddress
                 * @property {Object.<string,string>|null} [tags] Metadata tags
                 * @property {number|Long|null} [toldGeneration] Metadata toldGeneration
                 * @property {number|null} [toldIncarnation] Metadata toldIncarnation
                 * @property {number|null} [detailsBytes] Metadata detailsBytes
                 * @property {number|null} [detailsChecksum] Metadata detailsChecksum
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Metadata.
                 * @memberof patina.swim.v1
                 * @interface IMetadata
                 * @augments patina.swim.v1.Metadata.$Properties
                 * @deprecated Use patina.swim.v1.Metadata.$Properties instead.
                 */

                /**
                 * Shape of a Metadata.
                 * @typedef {patina.swim.v1.Metadata.$Properties} patina.swim.v1.Metadata.$Shape
                 */

                /**
                 * Constructs a new Metadata.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Metadata.
                 * @constructor
                 * @param {patina.swim.v1.Metadata.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Metadata = function (properties) {
                    this.tags = {};
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Metadata name.
                 * @member {string} name
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.name = "";

                /**
                 * Metadata region.
                 * @member {string} region
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.region = "";

                /**
                 * Metadata apiAddress.
                 * @member {string} apiAddress
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.apiAddress = "";

                /**
                 * Metadata tags.
                 * @member {Object.<string,string>} tags
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.tags = $util.emptyObject;

                /**
                 * Metadata toldGeneration.
                 * @member {number|Long} toldGeneration
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.toldGeneration = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Metadata toldIncarnation.
                 * @member {number} toldIncarnation
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.toldIncarnation = 0;

                /**
                 * Metadata detailsBytes.
                 * @member {number} detailsBytes
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.detailsBytes = 0;

                /**
                 * Metadata detailsChecksum.
                 * @member {number} detailsChecksum
                 * @memberof patina.swim.v1.Metadata
                 * @instance
                 */
                Metadata.prototype.detailsChecksum = 0;

                /**
                 * Encodes the specified Metadata message. Does not implicitly {@link patina.swim.v1.Metadata.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Metadata
                 * @static
                 * @param {patina.swim.v1.Metadata.$Properties} message Metadata message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Metadata.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                    if (message.region != null && $Object.hasOwnProperty.call(message, "region") && message.region !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.region);
                    if (message.apiAddress != null && $Object.hasOwnProperty.call(message, "apiAddress") && message.apiAddress !== "")
                        writer.uint32(/* id 3, wireType 2 =*/26).string(message.apiAddress);
                    if (message.tags != null && $Object.hasOwnProperty.call(message, "tags"))
                        for (let keys = $Object.keys(message.tags), i = 0; i < keys.length; ++i)
                            writer.uint32(/* id 4, wireType 2 =*/34).fork().uint32(/* id 1, wireType 2 =*/10).string(keys[i]).uint32(/* id 2, wireType 2 =*/18).string(message.tags[keys[i]]).ldelim();
                    if (message.toldGeneration != null && $Object.hasOwnProperty.call(message, "toldGeneration") && (typeof message.toldGeneration === "object" ? message.toldGeneration.low || message.toldGeneration.high : message.toldGeneration !== 0))
                        writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.toldGeneration);
                    if (message.toldIncarnation != null && $Object.hasOwnProperty.call(message, "toldIncarnation") && message.toldIncarnation !== 0)
                        writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.toldIncarnation);
                    if (message.detailsBytes != null && $Object.hasOwnProperty.call(message, "detailsBytes") && message.detailsBytes !== 0)
                        writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.detailsBytes);
                    if (message.detailsChecksum != null && $Object.hasOwnProperty.call(message, "detailsChecksum") && message.detailsChecksum !== 0)
                        writer.uint32(/* id 8, wireType 5 =*/69).fixed32(message.detailsChecksum);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Metadata message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Metadata
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Metadata & patina.swim.v1.Metadata.$Shape} Metadata
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Metadata.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, key, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Metadata();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.name = value;
                                else
                                    delete message.name;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.region = value;
                                else
                                    delete message.region;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.apiAddress = value;
                                else
                                    delete message.apiAddress;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if (message.tags === $util.emptyObject)
                                    message.tags = {};
                                let end2 = reader.size() + reader.pos;
                                if (end2 > reader.len)
                                    throw $RangeError("index out of range");
                                reader.len = end2;
                                key = "";
                                value = "";
                                while (reader.pos < end2) {
                                    let tag2 = reader.tag();
                                    wireType = tag2 & 7;
                                    switch (tag2 >>>= 3) {
                                    case 1:
                                        if (wireType !== 2)
                                            break;
                                        key = reader.stringVerify();
                                        continue;
                                    case 2:
                                        if (wireType !== 2)
                                            break;
                                        value = reader.stringVerify();
                                        continue;
                                    }
                                    reader.skipType(wireType, _depth, tag2);
                                }
                                if (reader.pos !== end2)
                                    throw $RangeError("index out of range");
                                reader.len = end;
                                if (key === "__proto__")
                                    $util.makeProp(message.tags, key);
                                message.tags[key] = value;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.toldGeneration = value;
                                else
                                    delete message.toldGeneration;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.toldIncarnation = value;
                                else
                                    delete message.toldIncarnation;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.detailsBytes = value;
                                else
                                    delete message.detailsBytes;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 5)
                                    break;
                                if (value = reader.fixed32())
                                    message.detailsChecksum = value;
                                else
                                    delete message.detailsChecksum;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Metadata;
            })();

            v1.Record = (function() {

                /**
                 * Properties of a Record.
                 * @typedef {Object} patina.swim.v1.Record.$Properties
                 * @property {Uint8Array|null} [actor] Record actor
                 * @property {number|Long|null} [generation] Record generation
                 * @property {number|null} [incarnation] Record incarnation
                 * @property {patina.swim.v1.State|null} [state] Record state
                 * @property {string|null} [address] Record address
                 * @property {patina.swim.v1.Metadata.$Properties|null} [metadata] Record metadata
                 * @property {Array.<Uint8Array>|null} [accusers] Record accusers
                 * @property {number|null} [ageS] Record ageS
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Record.
                 * @memberof patina.swim.v1
                 * @interface IRecord
                 * @augments patina.swim.v1.Record.$Properties
                 * @deprecated Use patina.swim.v1.Record.$Properties instead.
                 */

                /**
                 * Shape of a Record.
                 * @typedef {patina.swim.v1.Record.$Properties} patina.swim.v1.Record.$Shape
                 */

                /**
                 * Constructs a new Record.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Record.
                 * @constructor
                 * @param {patina.swim.v1.Record.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Record = function (properties) {
                    this.accusers = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Record actor.
                 * @member {Uint8Array} actor
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.actor = $util.newBuffer([]);

                /**
                 * Record generation.
                 * @member {number|Long} generation
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.generation = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Record incarnation.
                 * @member {number} incarnation
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.incarnation = 0;

                /**
                 * Record state.
                 * @member {patina.swim.v1.State} state
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.state = 0;

                /**
                 * Record address.
                 * @member {string} address
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.address = "";

                /**
                 * Record metadata.
                 * @member {patina.swim.v1.Metadata.$Properties|null|undefined} metadata
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.metadata = null;

                /**
                 * Record accusers.
                 * @member {Array.<Uint8Array>} accusers
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.accusers = $util.emptyArray;

                /**
                 * Record ageS.
                 * @member {number} ageS
                 * @memberof patina.swim.v1.Record
                 * @instance
                 */
                Record.prototype.ageS = 0;

                /**
                 * Encodes the specified Record message. Does not implicitly {@link patina.swim.v1.Record.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Record
                 * @static
                 * @param {patina.swim.v1.Record.$Properties} message Record message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Record.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.actor != null && $Object.hasOwnProperty.call(message, "actor") && message.actor.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.actor);
                    if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && (typeof message.generation === "object" ? message.generation.low || message.generation.high : message.generation !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.generation);
                    if (message.incarnation != null && $Object.hasOwnProperty.call(message, "incarnation") && message.incarnation !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.incarnation);
                    if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state !== 0)
                        writer.uint32(/* id 4, wireType 0 =*/32).int32(message.state);
                    if (message.address != null && $Object.hasOwnProperty.call(message, "address") && message.address !== "")
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.address);
                    if (message.metadata != null && $Object.hasOwnProperty.call(message, "metadata"))
                        $root.patina.swim.v1.Metadata.encode(message.metadata, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.accusers != null && message.accusers.length)
                        for (let i = 0; i < message.accusers.length; ++i)
                            writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.accusers[i]);
                    if (message.ageS != null && $Object.hasOwnProperty.call(message, "ageS") && message.ageS !== 0)
                        writer.uint32(/* id 8, wireType 0 =*/64).uint32(message.ageS);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Record message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Record
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Record & patina.swim.v1.Record.$Shape} Record
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Record.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Record();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.actor = value;
                                else
                                    delete message.actor;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.generation = value;
                                else
                                    delete message.generation;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.incarnation = value;
                                else
                                    delete message.incarnation;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.state = value;
                                else
                                    delete message.state;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.address = value;
                                else
                                    delete message.address;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.metadata = $root.patina.swim.v1.Metadata.decode(reader, reader.size(), $undefined, _depth + 1, message.metadata);
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.accusers && message.accusers.length))
                                    message.accusers = [];
                                message.accusers.push(reader.bytes());
                                continue;
                            }
                        case 8: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.ageS = value;
                                else
                                    delete message.ageS;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Record;
            })();

            v1.Packet = (function() {

                /**
                 * Properties of a Packet.
                 * @typedef {Object} patina.swim.v1.Packet.$Properties
                 * @property {number|null} [protocol] Packet protocol
                 * @property {patina.swim.v1.Record.$Properties|null} [sender] Packet sender
                 * @property {patina.swim.v1.Ping.$Properties|null} [ping] Packet ping
                 * @property {patina.swim.v1.PingReq.$Properties|null} [pingReq] Packet pingReq
                 * @property {patina.swim.v1.Ack.$Properties|null} [ack] Packet ack
                 * @property {patina.swim.v1.Nack.$Properties|null} [nack] Packet nack
                 * @property {patina.swim.v1.Gossip.$Properties|null} [gossip] Packet gossip
                 * @property {patina.swim.v1.Announce.$Properties|null} [announce] Packet announce
                 * @property {patina.swim.v1.Feed.$Properties|null} [feed] Packet feed
                 * @property {patina.swim.v1.Digest.$Properties|null} [digest] Packet digest
                 * @property {patina.swim.v1.Delta.$Properties|null} [delta] Packet delta
                 * @property {patina.swim.v1.Busy.$Properties|null} [busy] Packet busy
                 * @property {patina.swim.v1.Pull.$Properties|null} [pull] Packet pull
                 * @property {patina.swim.v1.Details.$Properties|null} [details] Packet details
                 * @property {number|null} [protocolMax] Packet protocolMax
                 * @property {Array.<patina.swim.v1.Record.$Properties>|null} [records] Packet records
                 * @property {"ping"|"pingReq"|"ack"|"nack"|"gossip"|"announce"|"feed"|"digest"|"delta"|"busy"|"pull"|"details"} [body] Packet body
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Packet.
                 * @memberof patina.swim.v1
                 * @interface IPacket
                 * @augments patina.swim.v1.Packet.$Properties
                 * @deprecated Use patina.swim.v1.Packet.$Properties instead.
                 */

                /**
                 * Narrowed shape of a Packet.
                 * @typedef {{
                 *   protocol?: number|null;
                 *   sender?: patina.swim.v1.Record.$Shape|null;
                 *   ping?: patina.swim.v1.Ping.$Shape|null;
                 *   pingReq?: patina.swim.v1.PingReq.$Shape|null;
                 *   ack?: patina.swim.v1.Ack.$Shape|null;
                 *   nack?: patina.swim.v1.Nack.$Shape|null;
                 *   gossip?: patina.swim.v1.Gossip.$Shape|null;
                 *   announce?: patina.swim.v1.Announce.$Shape|null;
                 *   feed?: patina.swim.v1.Feed.$Shape|null;
                 *   digest?: patina.swim.v1.Digest.$Shape|null;
                 *   delta?: patina.swim.v1.Delta.$Shape|null;
                 *   busy?: patina.swim.v1.Busy.$Shape|null;
                 *   pull?: patina.swim.v1.Pull.$Shape|null;
                 *   details?: patina.swim.v1.Details.$Shape|null;
                 *   protocolMax?: number|null;
                 *   records?: Array.<patina.swim.v1.Record.$Shape>|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * } & (
                 *   ({ body?: undefined; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "ping"; ping: patina.swim.v1.Ping.$Shape; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "pingReq"; ping?: null; pingReq: patina.swim.v1.PingReq.$Shape; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "ack"; ping?: null; pingReq?: null; ack: patina.swim.v1.Ack.$Shape; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "nack"; ping?: null; pingReq?: null; ack?: null; nack: patina.swim.v1.Nack.$Shape; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "gossip"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip: patina.swim.v1.Gossip.$Shape; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "announce"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce: patina.swim.v1.Announce.$Shape; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "feed"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed: patina.swim.v1.Feed.$Shape; digest?: null; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "digest"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest: patina.swim.v1.Digest.$Shape; delta?: null; busy?: null; pull?: null; details?: null }|{ body?: "delta"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta: patina.swim.v1.Delta.$Shape; busy?: null; pull?: null; details?: null }|{ body?: "busy"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy: patina.swim.v1.Busy.$Shape; pull?: null; details?: null }|{ body?: "pull"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull: patina.swim.v1.Pull.$Shape; details?: null }|{ body?: "details"; ping?: null; pingReq?: null; ack?: null; nack?: null; gossip?: null; announce?: null; feed?: null; digest?: null; delta?: null; busy?: null; pull?: null; details: patina.swim.v1.Details.$Shape })
                 * )} patina.swim.v1.Packet.$Shape
                 */

                /**
                 * Constructs a new Packet.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Packet.
                 * @constructor
                 * @param {patina.swim.v1.Packet.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Packet = function (properties) {
                    this.records = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Packet protocol.
                 * @member {number} protocol
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.protocol = 0;

                /**
                 * Packet sender.
                 * @member {patina.swim.v1.Record.$Properties|null|undefined} sender
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.sender = null;

                /**
                 * Packet ping.
                 * @member {patina.swim.v1.Ping.$Properties|null|undefined} ping
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.ping = null;

                /**
                 * Packet pingReq.
                 * @member {patina.swim.v1.PingReq.$Properties|null|undefined} pingReq
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.pingReq = null;

                /**
                 * Packet ack.
                 * @member {patina.swim.v1.Ack.$Properties|null|undefined} ack
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.ack = null;

                /**
                 * Packet nack.
                 * @member {patina.swim.v1.Nack.$Properties|null|undefined} nack
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.nack = null;

                /**
                 * Packet gossip.
                 * @member {patina.swim.v1.Gossip.$Properties|null|undefined} gossip
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.gossip = null;

                /**
                 * Packet announce.
                 * @member {patina.swim.v1.Announce.$Properties|null|undefined} announce
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.announce = null;

                /**
                 * Packet feed.
                 * @member {patina.swim.v1.Feed.$Properties|null|undefined} feed
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.feed = null;

                /**
                 * Packet digest.
                 * @member {patina.swim.v1.Digest.$Properties|null|undefined} digest
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.digest = null;

                /**
                 * Packet delta.
                 * @member {patina.swim.v1.Delta.$Properties|null|undefined} delta
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.delta = null;

                /**
                 * Packet busy.
                 * @member {patina.swim.v1.Busy.$Properties|null|undefined} busy
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.busy = null;

                /**
                 * Packet pull.
                 * @member {patina.swim.v1.Pull.$Properties|null|undefined} pull
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.pull = null;

                /**
                 * Packet details.
                 * @member {patina.swim.v1.Details.$Properties|null|undefined} details
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.details = null;

                /**
                 * Packet protocolMax.
                 * @member {number} protocolMax
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.protocolMax = 0;

                /**
                 * Packet records.
                 * @member {Array.<patina.swim.v1.Record.$Properties>} records
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                Packet.prototype.records = $util.emptyArray;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                /**
                 * Packet body.
                 * @member {"ping"|"pingReq"|"ack"|"nack"|"gossip"|"announce"|"feed"|"digest"|"delta"|"busy"|"pull"|"details"|undefined} body
                 * @memberof patina.swim.v1.Packet
                 * @instance
                 */
                $Object.defineProperty(Packet.prototype, "body", {
                    get: $util.oneOfGetter($oneOfFields = ["ping", "pingReq", "ack", "nack", "gossip", "announce", "feed", "digest", "delta", "busy", "pull", "details"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Encodes the specified Packet message. Does not implicitly {@link patina.swim.v1.Packet.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Packet
                 * @static
                 * @param {patina.swim.v1.Packet.$Properties} message Packet message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Packet.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.protocol != null && $Object.hasOwnProperty.call(message, "protocol") && message.protocol !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.protocol);
                    if (message.sender != null && $Object.hasOwnProperty.call(message, "sender"))
                        $root.patina.swim.v1.Record.encode(message.sender, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.ping != null && $Object.hasOwnProperty.call(message, "ping"))
                        $root.patina.swim.v1.Ping.encode(message.ping, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.pingReq != null && $Object.hasOwnProperty.call(message, "pingReq"))
                        $root.patina.swim.v1.PingReq.encode(message.pingReq, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
                        $root.patina.swim.v1.Ack.encode(message.ack, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.nack != null && $Object.hasOwnProperty.call(message, "nack"))
                        $root.patina.swim.v1.Nack.encode(message.nack, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.gossip != null && $Object.hasOwnProperty.call(message, "gossip"))
                        $root.patina.swim.v1.Gossip.encode(message.gossip, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.announce != null && $Object.hasOwnProperty.call(message, "announce"))
                        $root.patina.swim.v1.Announce.encode(message.announce, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                    if (message.feed != null && $Object.hasOwnProperty.call(message, "feed"))
                        $root.patina.swim.v1.Feed.encode(message.feed, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                    if (message.protocolMax != null && $Object.hasOwnProperty.call(message, "protocolMax") && message.protocolMax !== 0)
                        writer.uint32(/* id 10, wireType 0 =*/80).uint32(message.protocolMax);
                    if (message.digest != null && $Object.hasOwnProperty.call(message, "digest"))
                        $root.patina.swim.v1.Digest.encode(message.digest, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
                    if (message.delta != null && $Object.hasOwnProperty.call(message, "delta"))
                        $root.patina.swim.v1.Delta.encode(message.delta, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
                    if (message.busy != null && $Object.hasOwnProperty.call(message, "busy"))
                        $root.patina.swim.v1.Busy.encode(message.busy, writer.uint32(/* id 13, wireType 2 =*/106).fork(), _depth + 1).ldelim();
                    if (message.pull != null && $Object.hasOwnProperty.call(message, "pull"))
                        $root.patina.swim.v1.Pull.encode(message.pull, writer.uint32(/* id 14, wireType 2 =*/114).fork(), _depth + 1).ldelim();
                    if (message.records != null && message.records.length)
                        for (let i = 0; i < message.records.length; ++i)
                            $root.patina.swim.v1.Record.encode(message.records[i], writer.uint32(/* id 15, wireType 2 =*/122).fork(), _depth + 1).ldelim();
                    if (message.details != null && $Object.hasOwnProperty.call(message, "details"))
                        $root.patina.swim.v1.Details.encode(message.details, writer.uint32(/* id 16, wireType 2 =*/130).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Packet message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Packet
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Packet & patina.swim.v1.Packet.$Shape} Packet
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Packet.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Packet();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.protocol = value;
                                else
                                    delete message.protocol;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                message.sender = $root.patina.swim.v1.Record.decode(reader, reader.size(), $undefined, _depth + 1, message.sender);
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.ping = $root.patina.swim.v1.Ping.decode(reader, reader.size(), $undefined, _depth + 1, message.ping);
                                message.body = "ping";
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.pingReq = $root.patina.swim.v1.PingReq.decode(reader, reader.size(), $undefined, _depth + 1, message.pingReq);
                                message.body = "pingReq";
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                message.ack = $root.patina.swim.v1.Ack.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                                message.body = "ack";
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.nack = $root.patina.swim.v1.Nack.decode(reader, reader.size(), $undefined, _depth + 1, message.nack);
                                message.body = "nack";
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                message.gossip = $root.patina.swim.v1.Gossip.decode(reader, reader.size(), $undefined, _depth + 1, message.gossip);
                                message.body = "gossip";
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                message.announce = $root.patina.swim.v1.Announce.decode(reader, reader.size(), $undefined, _depth + 1, message.announce);
                                message.body = "announce";
                                continue;
                            }
                        case 9: {
                                if (wireType !== 2)
                                    break;
                                message.feed = $root.patina.swim.v1.Feed.decode(reader, reader.size(), $undefined, _depth + 1, message.feed);
                                message.body = "feed";
                                continue;
                            }
                        case 11: {
                                if (wireType !== 2)
                                    break;
                                message.digest = $root.patina.swim.v1.Digest.decode(reader, reader.size(), $undefined, _depth + 1, message.digest);
                                message.body = "digest";
                                continue;
                            }
                        case 12: {
                                if (wireType !== 2)
                                    break;
                                message.delta = $root.patina.swim.v1.Delta.decode(reader, reader.size(), $undefined, _depth + 1, message.delta);
                                message.body = "delta";
                                continue;
                            }
                        case 13: {
                                if (wireType !== 2)
                                    break;
                                message.busy = $root.patina.swim.v1.Busy.decode(reader, reader.size(), $undefined, _depth + 1, message.busy);
                                message.body = "busy";
                                continue;
                            }
                        case 14: {
                                if (wireType !== 2)
                                    break;
                                message.pull = $root.patina.swim.v1.Pull.decode(reader, reader.size(), $undefined, _depth + 1, message.pull);
                                message.body = "pull";
                                continue;
                            }
                        case 16: {
                                if (wireType !== 2)
                                    break;
                                message.details = $root.patina.swim.v1.Details.decode(reader, reader.size(), $undefined, _depth + 1, message.details);
                                message.body = "details";
                                continue;
                            }
                        case 10: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.protocolMax = value;
                                else
                                    delete message.protocolMax;
                                continue;
                            }
                        case 15: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.records && message.records.length))
                                    message.records = [];
                                message.records.push($root.patina.swim.v1.Record.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Packet;
            })();

            v1.Ping = (function() {

                /**
                 * Properties of a Ping.
                 * @typedef {Object} patina.swim.v1.Ping.$Properties
                 * @property {number|null} [probe] Ping probe
                 * @property {Uint8Array|null} [target] Ping target
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Ping.
                 * @memberof patina.swim.v1
                 * @interface IPing
                 * @augments patina.swim.v1.Ping.$Properties
                 * @deprecated Use patina.swim.v1.Ping.$Properties instead.
                 */

                /**
                 * Shape of a Ping.
                 * @typedef {patina.swim.v1.Ping.$Properties} patina.swim.v1.Ping.$Shape
                 */

                /**
                 * Constructs a new Ping.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Ping.
                 * @constructor
                 * @param {patina.swim.v1.Ping.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Ping = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Ping probe.
                 * @member {number} probe
                 * @memberof patina.swim.v1.Ping
                 * @instance
                 */
                Ping.prototype.probe = 0;

                /**
                 * Ping target.
                 * @member {Uint8Array} target
                 * @memberof patina.swim.v1.Ping
                 * @instance
                 */
                Ping.prototype.target = $util.newBuffer([]);

                /**
                 * Encodes the specified Ping message. Does not implicitly {@link patina.swim.v1.Ping.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Ping
                 * @static
                 * @param {patina.swim.v1.Ping.$Properties} message Ping message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Ping.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.probe != null && $Object.hasOwnProperty.call(message, "probe") && message.probe !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.probe);
                    if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.target);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Ping message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Ping
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Ping & patina.swim.v1.Ping.$Shape} Ping
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Ping.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Ping();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.probe = value;
                                else
                                    delete message.probe;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.target = value;
                                else
                                    delete message.target;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Ping;
            })();

            v1.PingReq = (function() {

                /**
                 * Properties of a PingReq.
                 * @typedef {Object} patina.swim.v1.PingReq.$Properties
                 * @property {number|null} [probe] PingReq probe
                 * @property {Uint8Array|null} [target] PingReq target
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a PingReq.
                 * @memberof patina.swim.v1
                 * @interface IPingReq
                 * @augments patina.swim.v1.PingReq.$Properties
                 * @deprecated Use patina.swim.v1.PingReq.$Properties instead.
                 */

                /**
                 * Shape of a PingReq.
                 * @typedef {patina.swim.v1.PingReq.$Properties} patina.swim.v1.PingReq.$Shape
                 */

                /**
                 * Constructs a new PingReq.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a PingReq.
                 * @constructor
                 * @param {patina.swim.v1.PingReq.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const PingReq = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * PingReq probe.
                 * @member {number} probe
                 * @memberof patina.swim.v1.PingReq
                 * @instance
                 */
                PingReq.prototype.probe = 0;

                /**
                 * PingReq target.
                 * @member {Uint8Array} target
                 * @memberof patina.swim.v1.PingReq
                 * @instance
                 */
                PingReq.prototype.target = $util.newBuffer([]);

                /**
                 * Encodes the specified PingReq message. Does not implicitly {@link patina.swim.v1.PingReq.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.PingReq
                 * @static
                 * @param {patina.swim.v1.PingReq.$Properties} message PingReq message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                PingReq.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.probe != null && $Object.hasOwnProperty.call(message, "probe") && message.probe !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.probe);
                    if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.target);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a PingReq message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.PingReq
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.PingReq & patina.swim.v1.PingReq.$Shape} PingReq
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                PingReq.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.PingReq();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.probe = value;
                                else
                                    delete message.probe;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.target = value;
                                else
                                    delete message.target;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return PingReq;
            })();

            v1.Ack = (function() {

                /**
                 * Properties of an Ack.
                 * @typedef {Object} patina.swim.v1.Ack.$Properties
                 * @property {number|null} [probe] Ack probe
                 * @property {Uint8Array|null} [coordinate] Ack coordinate
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Ack.
                 * @memberof patina.swim.v1
                 * @interface IAck
                 * @augments patina.swim.v1.Ack.$Properties
                 * @deprecated Use patina.swim.v1.Ack.$Properties instead.
                 */

                /**
                 * Shape of an Ack.
                 * @typedef {patina.swim.v1.Ack.$Properties} patina.swim.v1.Ack.$Shape
                 */

                /**
                 * Constructs a new Ack.
                 * @memberof patina.swim.v1
                 * @classdesc Represents an Ack.
                 * @constructor
                 * @param {patina.swim.v1.Ack.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Ack = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Ack probe.
                 * @member {number} probe
                 * @memberof patina.swim.v1.Ack
                 * @instance
                 */
                Ack.prototype.probe = 0;

                /**
                 * Ack coordinate.
                 * @member {Uint8Array} coordinate
                 * @memberof patina.swim.v1.Ack
                 * @instance
                 */
                Ack.prototype.coordinate = $util.newBuffer([]);

                /**
                 * Encodes the specified Ack message. Does not implicitly {@link patina.swim.v1.Ack.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Ack
                 * @static
                 * @param {patina.swim.v1.Ack.$Properties} message Ack message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Ack.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.probe != null && $Object.hasOwnProperty.call(message, "probe") && message.probe !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.probe);
                    if (message.coordinate != null && $Object.hasOwnProperty.call(message, "coordinate") && message.coordinate.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.coordinate);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Ack message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Ack
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Ack & patina.swim.v1.Ack.$Shape} Ack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Ack.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Ack();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.probe = value;
                                else
                                    delete message.probe;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.coordinate = value;
                                else
                                    delete message.coordinate;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Ack;
            })();

            v1.Nack = (function() {

                /**
                 * Properties of a Nack.
                 * @typedef {Object} patina.swim.v1.Nack.$Properties
                 * @property {number|null} [probe] Nack probe
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Nack.
                 * @memberof patina.swim.v1
                 * @interface INack
                 * @augments patina.swim.v1.Nack.$Properties
                 * @deprecated Use patina.swim.v1.Nack.$Properties instead.
                 */

                /**
                 * Shape of a Nack.
                 * @typedef {patina.swim.v1.Nack.$Properties} patina.swim.v1.Nack.$Shape
                 */

                /**
                 * Constructs a new Nack.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Nack.
                 * @constructor
                 * @param {patina.swim.v1.Nack.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Nack = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Nack probe.
                 * @member {number} probe
                 * @memberof patina.swim.v1.Nack
                 * @instance
                 */
                Nack.prototype.probe = 0;

                /**
                 * Encodes the specified Nack message. Does not implicitly {@link patina.swim.v1.Nack.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Nack
                 * @static
                 * @param {patina.swim.v1.Nack.$Properties} message Nack message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Nack.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.probe != null && $Object.hasOwnProperty.call(message, "probe") && message.probe !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.probe);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Nack message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Nack
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Nack & patina.swim.v1.Nack.$Shape} Nack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Nack.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Nack();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.probe = value;
                                else
                                    delete message.probe;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Nack;
            })();

            v1.Gossip = (function() {

                /**
                 * Properties of a Gossip.
                 * @typedef {Object} patina.swim.v1.Gossip.$Properties
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Gossip.
                 * @memberof patina.swim.v1
                 * @interface IGossip
                 * @augments patina.swim.v1.Gossip.$Properties
                 * @deprecated Use patina.swim.v1.Gossip.$Properties instead.
                 */

                /**
                 * Shape of a Gossip.
                 * @typedef {patina.swim.v1.Gossip.$Properties} patina.swim.v1.Gossip.$Shape
                 */

                /**
                 * Constructs a new Gossip.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Gossip.
                 * @constructor
                 * @param {patina.swim.v1.Gossip.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Gossip = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Encodes the specified Gossip message. Does not implicitly {@link patina.swim.v1.Gossip.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Gossip
                 * @static
                 * @param {patina.swim.v1.Gossip.$Properties} message Gossip message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Gossip.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Gossip message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Gossip
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Gossip & patina.swim.v1.Gossip.$Shape} Gossip
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Gossip.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Gossip();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        reader.skipType(tag & 7, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Gossip;
            })();

            v1.Announce = (function() {

                /**
                 * Properties of an Announce.
                 * @typedef {Object} patina.swim.v1.Announce.$Properties
                 * @property {Uint8Array|null} [padding] Announce padding
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Announce.
                 * @memberof patina.swim.v1
                 * @interface IAnnounce
                 * @augments patina.swim.v1.Announce.$Properties
                 * @deprecated Use patina.swim.v1.Announce.$Properties instead.
                 */

                /**
                 * Shape of an Announce.
                 * @typedef {patina.swim.v1.Announce.$Properties} patina.swim.v1.Announce.$Shape
                 */

                /**
                 * Constructs a new Announce.
                 * @memberof patina.swim.v1
                 * @classdesc Represents an Announce.
                 * @constructor
                 * @param {patina.swim.v1.Announce.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Announce = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Announce padding.
                 * @member {Uint8Array} padding
                 * @memberof patina.swim.v1.Announce
                 * @instance
                 */
                Announce.prototype.padding = $util.newBuffer([]);

                /**
                 * Encodes the specified Announce message. Does not implicitly {@link patina.swim.v1.Announce.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Announce
                 * @static
                 * @param {patina.swim.v1.Announce.$Properties} message Announce message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Announce.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.padding != null && $Object.hasOwnProperty.call(message, "padding") && message.padding.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.padding);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Announce message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Announce
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Announce & patina.swim.v1.Announce.$Shape} Announce
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Announce.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Announce();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.padding = value;
                                else
                                    delete message.padding;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Announce;
            })();

            v1.Feed = (function() {

                /**
                 * Properties of a Feed.
                 * @typedef {Object} patina.swim.v1.Feed.$Properties
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Feed.
                 * @memberof patina.swim.v1
                 * @interface IFeed
                 * @augments patina.swim.v1.Feed.$Properties
                 * @deprecated Use patina.swim.v1.Feed.$Properties instead.
                 */

                /**
                 * Shape of a Feed.
                 * @typedef {patina.swim.v1.Feed.$Properties} patina.swim.v1.Feed.$Shape
                 */

                /**
                 * Constructs a new Feed.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Feed.
                 * @constructor
                 * @param {patina.swim.v1.Feed.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Feed = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Encodes the specified Feed message. Does not implicitly {@link patina.swim.v1.Feed.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Feed
                 * @static
                 * @param {patina.swim.v1.Feed.$Properties} message Feed message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Feed.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Feed message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Feed
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Feed & patina.swim.v1.Feed.$Shape} Feed
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Feed.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Feed();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        reader.skipType(tag & 7, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Feed;
            })();

            v1.Digest = (function() {

                /**
                 * Properties of a Digest.
                 * @typedef {Object} patina.swim.v1.Digest.$Properties
                 * @property {number|null} [exchange] Digest exchange
                 * @property {Uint8Array|null} [hashes] Digest hashes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Digest.
                 * @memberof patina.swim.v1
                 * @interface IDigest
                 * @augments patina.swim.v1.Digest.$Properties
                 * @deprecated Use patina.swim.v1.Digest.$Properties instead.
                 */

                /**
                 * Shape of a Digest.
                 * @typedef {patina.swim.v1.Digest.$Properties} patina.swim.v1.Digest.$Shape
                 */

                /**
                 * Constructs a new Digest.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Digest.
                 * @constructor
                 * @param {patina.swim.v1.Digest.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Digest = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Digest exchange.
                 * @member {number} exchange
                 * @memberof patina.swim.v1.Digest
                 * @instance
                 */
                Digest.prototype.exchange = 0;

                /**
                 * Digest hashes.
                 * @member {Uint8Array} hashes
                 * @memberof patina.swim.v1.Digest
                 * @instance
                 */
                Digest.prototype.hashes = $util.newBuffer([]);

                /**
                 * Encodes the specified Digest message. Does not implicitly {@link patina.swim.v1.Digest.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Digest
                 * @static
                 * @param {patina.swim.v1.Digest.$Properties} message Digest message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Digest.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.hashes != null && $Object.hasOwnProperty.call(message, "hashes") && message.hashes.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.hashes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Digest message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Digest
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Digest & patina.swim.v1.Digest.$Shape} Digest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Digest.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Digest();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hashes = value;
                                else
                                    delete message.hashes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Digest;
            })();

            v1.Delta = (function() {

                /**
                 * Properties of a Delta.
                 * @typedef {Object} patina.swim.v1.Delta.$Properties
                 * @property {number|null} [exchange] Delta exchange
                 * @property {Uint8Array|null} [wanted] Delta wanted
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Delta.
                 * @memberof patina.swim.v1
                 * @interface IDelta
                 * @augments patina.swim.v1.Delta.$Properties
                 * @deprecated Use patina.swim.v1.Delta.$Properties instead.
                 */

                /**
                 * Shape of a Delta.
                 * @typedef {patina.swim.v1.Delta.$Properties} patina.swim.v1.Delta.$Shape
                 */

                /**
                 * Constructs a new Delta.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Delta.
                 * @constructor
                 * @param {patina.swim.v1.Delta.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Delta = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Delta exchange.
                 * @member {number} exchange
                 * @memberof patina.swim.v1.Delta
                 * @instance
                 */
                Delta.prototype.exchange = 0;

                /**
                 * Delta wanted.
                 * @member {Uint8Array} wanted
                 * @memberof patina.swim.v1.Delta
                 * @instance
                 */
                Delta.prototype.wanted = $util.newBuffer([]);

                /**
                 * Encodes the specified Delta message. Does not implicitly {@link patina.swim.v1.Delta.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Delta
                 * @static
                 * @param {patina.swim.v1.Delta.$Properties} message Delta message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Delta.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.wanted != null && $Object.hasOwnProperty.call(message, "wanted") && message.wanted.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.wanted);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Delta message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Delta
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Delta & patina.swim.v1.Delta.$Shape} Delta
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Delta.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Delta();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.wanted = value;
                                else
                                    delete message.wanted;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Delta;
            })();

            v1.Pull = (function() {

                /**
                 * Properties of a Pull.
                 * @typedef {Object} patina.swim.v1.Pull.$Properties
                 * @property {number|null} [exchange] Pull exchange
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Pull.
                 * @memberof patina.swim.v1
                 * @interface IPull
                 * @augments patina.swim.v1.Pull.$Properties
                 * @deprecated Use patina.swim.v1.Pull.$Properties instead.
                 */

                /**
                 * Shape of a Pull.
                 * @typedef {patina.swim.v1.Pull.$Properties} patina.swim.v1.Pull.$Shape
                 */

                /**
                 * Constructs a new Pull.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Pull.
                 * @constructor
                 * @param {patina.swim.v1.Pull.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Pull = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Pull exchange.
                 * @member {number} exchange
                 * @memberof patina.swim.v1.Pull
                 * @instance
                 */
                Pull.prototype.exchange = 0;

                /**
                 * Encodes the specified Pull message. Does not implicitly {@link patina.swim.v1.Pull.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Pull
                 * @static
                 * @param {patina.swim.v1.Pull.$Properties} message Pull message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Pull.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Pull message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Pull
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Pull & patina.swim.v1.Pull.$Shape} Pull
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Pull.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Pull();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Pull;
            })();

            v1.Details = (function() {

                /**
                 * Properties of a Details.
                 * @typedef {Object} patina.swim.v1.Details.$Properties
                 * @property {number|null} [exchange] Details exchange
                 * @property {Uint8Array|null} [bytes] Details bytes
                 * @property {number|null} [retryAfterMs] Details retryAfterMs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Details.
                 * @memberof patina.swim.v1
                 * @interface IDetails
                 * @augments patina.swim.v1.Details.$Properties
                 * @deprecated Use patina.swim.v1.Details.$Properties instead.
                 */

                /**
                 * Shape of a Details.
                 * @typedef {patina.swim.v1.Details.$Properties} patina.swim.v1.Details.$Shape
                 */

                /**
                 * Constructs a new Details.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Details.
                 * @constructor
                 * @param {patina.swim.v1.Details.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Details = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Details exchange.
                 * @member {number} exchange
                 * @memberof patina.swim.v1.Details
                 * @instance
                 */
                Details.prototype.exchange = 0;

                /**
                 * Details bytes.
                 * @member {Uint8Array} bytes
                 * @memberof patina.swim.v1.Details
                 * @instance
                 */
                Details.prototype.bytes = $util.newBuffer([]);

                /**
                 * Details retryAfterMs.
                 * @member {number} retryAfterMs
                 * @memberof patina.swim.v1.Details
                 * @instance
                 */
                Details.prototype.retryAfterMs = 0;

                /**
                 * Encodes the specified Details message. Does not implicitly {@link patina.swim.v1.Details.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Details
                 * @static
                 * @param {patina.swim.v1.Details.$Properties} message Details message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Details.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.bytes != null && $Object.hasOwnProperty.call(message, "bytes") && message.bytes.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.bytes);
                    if (message.retryAfterMs != null && $Object.hasOwnProperty.call(message, "retryAfterMs") && message.retryAfterMs !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.retryAfterMs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Details message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Details
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Details & patina.swim.v1.Details.$Shape} Details
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Details.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Details();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.bytes = value;
                                else
                                    delete message.bytes;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.retryAfterMs = value;
                                else
                                    delete message.retryAfterMs;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Details;
            })();

            v1.Busy = (function() {

                /**
                 * Properties of a Busy.
                 * @typedef {Object} patina.swim.v1.Busy.$Properties
                 * @property {number|null} [exchange] Busy exchange
                 * @property {number|null} [retryAfterMs] Busy retryAfterMs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Busy.
                 * @memberof patina.swim.v1
                 * @interface IBusy
                 * @augments patina.swim.v1.Busy.$Properties
                 * @deprecated Use patina.swim.v1.Busy.$Properties instead.
                 */

                /**
                 * Shape of a Busy.
                 * @typedef {patina.swim.v1.Busy.$Properties} patina.swim.v1.Busy.$Shape
                 */

                /**
                 * Constructs a new Busy.
                 * @memberof patina.swim.v1
                 * @classdesc Represents a Busy.
                 * @constructor
                 * @param {patina.swim.v1.Busy.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Busy = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Busy exchange.
                 * @member {number} exchange
                 * @memberof patina.swim.v1.Busy
                 * @instance
                 */
                Busy.prototype.exchange = 0;

                /**
                 * Busy retryAfterMs.
                 * @member {number} retryAfterMs
                 * @memberof patina.swim.v1.Busy
                 * @instance
                 */
                Busy.prototype.retryAfterMs = 0;

                /**
                 * Encodes the specified Busy message. Does not implicitly {@link patina.swim.v1.Busy.verify|verify} messages.
                 * @function encode
                 * @memberof patina.swim.v1.Busy
                 * @static
                 * @param {patina.swim.v1.Busy.$Properties} message Busy message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Busy.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.retryAfterMs != null && $Object.hasOwnProperty.call(message, "retryAfterMs") && message.retryAfterMs !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.retryAfterMs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Busy message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.swim.v1.Busy
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.swim.v1.Busy & patina.swim.v1.Busy.$Shape} Busy
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Busy.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.swim.v1.Busy();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.retryAfterMs = value;
                                else
                                    delete message.retryAfterMs;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Busy;
            })();

            return v1;
        })();

        return swim;
    })();

    return patina;
})();

export {
  $root as default
};
