from tcpwin.model import Capture, Stream


def test_a_stream_stands_as_in_the_table_of_all(capture: Capture) -> None:
    for row in capture.streams.to_dict("records"):
        stream = capture.stream(row["stream"])
        assert stream.summary.keys() == row.keys()
        assert stream.summary["bytes"] == row["bytes"]
        assert stream.start_s == row["start_s"]
        assert stream.duration_s == row["duration_s"]
        assert stream.client == f"{row['client']}:{row['client_port']}"
        assert stream.server == f"{row['server']}:{row['server_port']}"
        assert len(stream.packets) == row["packets"]
        assert stream.filter == f"tcp.stream == {row['stream']}"
        assert [flow.bytes for flow in stream.flows] == [row["client_bytes"], row["server_bytes"]]


def test_one_frame_as_a_pyshark_packet(stream: Stream) -> None:
    frame = int(stream.packets["frame"].iloc[3])
    packet = stream.packet(frame)
    assert int(packet.number) == frame
    assert int(packet.tcp.stream) == 0


def test_overview(stream: Stream) -> None:
    figure = stream.plot_overview()
    assert len(figure.axes) >= 3
